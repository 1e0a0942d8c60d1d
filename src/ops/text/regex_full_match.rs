//! `RegexFullMatch` (ai.onnx 20): whether each text as a whole matches a pattern.

use super::regex::Regex;
use crate::error::Result;
use crate::ops::{
    Definition, Fact, Kernel, Operator, invalid, one_tensor, required, types, unsupported_type,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "RegexFullMatch",
    versions: &[20],
    inputs: &[types::STRING],
    build,
}];

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let pattern = definition.attributes.string("pattern")?;
    let pattern = pattern.ok_or_else(|| invalid("RegexFullMatch needs a `pattern`."))?;
    Ok(Box::new(RegexFullMatch { regex: Regex::new(&pattern)? }))
}

#[derive(Debug)]
struct RegexFullMatch {
    regex: Regex,
}

impl Kernel for RegexFullMatch {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        Ok(vec![required(inputs, 0)?.with_type(DataType::Bool)])
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let x = required(inputs, 0)?;
        let Data::Str(texts) = x.data() else { return Err(unsupported_type(x.data_type())) };
        let mut search = self.regex.search();
        // The longest match from the beginning is the whole text where any match is.
        let matches = texts
            .iter()
            .map(|text| Ok(search.find(text, 0)? == Some((0, text.len()))))
            .collect::<Result<_>>()?;
        one_tensor(x.dims().to_vec(), Data::Bool(matches))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Attribute;
    use crate::ops::encoders::testing::{build_of, run_vector, texts};

    /// Values from onnxruntime 1.31.
    #[test]
    fn whole_texts() {
        let pattern = ("pattern", Attribute::String("a|ab".into()));
        let kernel = build_of("", "RegexFullMatch", 20, 1, &[pattern]).unwrap();
        let y = run_vector(&*kernel, texts(&["a", "b", "ab", ""])).unwrap();
        assert_eq!(y, Data::Bool(vec![true, false, true, false]));
        assert!(build_of("", "RegexFullMatch", 20, 1, &[]).is_err());
    }
}
