//! `TfIdfVectorizer` (ai.onnx 9): how often each n-gram of a pool occurs in a row of tokens.

use predikt_kernels::words::Counter;

use crate::error::{Code, Error, Result, list};
use crate::ops::encoders::lookup::{Lookup, Repeated};
use crate::ops::sparse::Sparse;
use crate::ops::{
    Definition, Dim, Fact, Kernel, Operator, failed, invalid, one_fact, one_tensor, required, shape,
};
use crate::tensor::{Data, DataType, Tensor};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[Operator {
    domain: "",
    name: "TfIdfVectorizer",
    versions: &[9],
    inputs: &[&[DataType::String, DataType::Int32, DataType::Int64]],
    build,
}];

/// The most n-grams that one run looks up.
const MAX_WORK: usize = 1 << 31;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Tf,
    Idf,
    TfIdf,
}

fn build(definition: &mut Definition) -> Result<Box<dyn Kernel>> {
    definition.expect_inputs(1..=1)?;
    let attributes = &mut definition.attributes;
    let mode = match attributes.string("mode")?.as_deref() {
        Some("TF") => Mode::Tf,
        Some("IDF") => Mode::Idf,
        Some("TFIDF") => Mode::TfIdf,
        _ => return Err(invalid("`mode` must be TF, IDF or TFIDF.")),
    };
    let missing = |name: &str| invalid(format!("A TfIdfVectorizer needs `{name}`."));
    let mut number = |name: &str| {
        let number = attributes.int(name)?.and_then(|number| usize::try_from(number).ok());
        number.ok_or_else(|| missing(name))
    };
    let min = number("min_gram_length")?;
    let max = number("max_gram_length")?;
    let skips = number("max_skip_count")?;
    let mut numbers = |name: &str| {
        let list = attributes.ints(name)?.unwrap_or_default();
        let list: Option<Vec<usize>> =
            list.into_iter().map(|number| usize::try_from(number).ok()).collect();
        list.filter(|list| !list.is_empty()).ok_or_else(|| missing(name))
    };
    let counts = numbers("ngram_counts")?;
    let columns = numbers("ngram_indexes")?;
    if min == 0 || max < min || counts.len() < max {
        return Err(invalid(format!(
            "N-grams of {min} to {max} tokens need as many `ngram_counts` as the longest has tokens, and there are {}.",
            counts.len()
        )));
    }
    let weights = attributes.floats("weights")?;
    if weights.as_ref().is_some_and(|weights| weights.len() != columns.len()) {
        return Err(invalid("`weights` must have as many entries as `ngram_indexes`."));
    }
    let texts = attributes.strings("pool_strings")?.map(Data::Str);
    let integers = attributes.ints("pool_int64s")?.map(Data::I64);
    let (Some(pool), None) = (texts.clone().or(integers.clone()), texts.and(integers)) else {
        return Err(invalid("A TfIdfVectorizer needs either `pool_strings` or `pool_int64s`."));
    };
    let width = columns.iter().max().map_or(0, |last| last.saturating_add(1));
    shape::elements(&[width])?;
    let tokens = Lookup::new(&pool, Repeated::First)?;
    let ids: Vec<usize> = tokens.positions(&pool)?.into_iter().flatten().collect();
    let trie = Trie::new(&ids, &counts, min..=max)?;
    if trie.grams.iter().flatten().any(|gram| *gram >= columns.len()) {
        return Err(invalid("The pool has more n-grams than `ngram_indexes` has entries."));
    }
    Ok(Box::new(TfIdfVectorizer {
        mode,
        min,
        max,
        skips,
        tokens,
        trie,
        columns,
        weights: weights.unwrap_or_default(),
        width,
        is_text: pool.data_type() == DataType::String,
    }))
}

/// The pool's n-grams, token by token. The root is node 0.
#[derive(Debug)]
struct Trie {
    /// Sorted: a node and a token's number, and the node that they lead to.
    edges: Vec<((usize, usize), usize)>,
    /// The number of the n-gram that each token is alone.
    singles: Vec<Option<usize>>,
    /// The number of the n-gram that ends at each node.
    grams: Vec<Option<usize>>,
}

impl Trie {
    /// `counts` says where in `tokens` the n-grams of each length begin. Those of lengths outside
    /// of `lengths` are numbered and left out.
    fn new(
        tokens: &[usize],
        counts: &[usize],
        lengths: std::ops::RangeInclusive<usize>,
    ) -> Result<Self> {
        let wrong =
            || invalid("`ngram_counts` does not cut the pool into whole, different n-grams.");
        // Every n-gram as a path of nodes: those of one length share nodes with shorter ones, so
        // that paths are made in sorted order.
        let mut grams: Vec<(&[usize], usize)> = vec![];
        let mut number = 0;
        for (index, start) in counts.iter().enumerate() {
            let end = counts.get(index + 1).copied().unwrap_or(tokens.len());
            let length = index + 1;
            let part = tokens.get(*start..end).ok_or_else(wrong)?;
            if part.len() % length != 0 {
                return Err(wrong());
            }
            for gram in part.chunks(length) {
                if lengths.contains(&length) {
                    grams.push((gram, number));
                }
                number += 1;
            }
        }
        grams.sort_unstable();
        let mut trie = Trie { edges: vec![], singles: vec![], grams: vec![None] };
        let mut path: Vec<usize> = vec![];
        let mut previous: &[usize] = &[];
        for (gram, number) in grams {
            let shared = gram.iter().zip(previous).take_while(|(a, b)| a == b).count();
            path.truncate(shared);
            for token in gram.iter().skip(shared) {
                let parent = path.last().copied().unwrap_or(0);
                let node = trie.grams.len();
                trie.edges.push(((parent, *token), node));
                trie.grams.push(None);
                path.push(node);
            }
            let end = path.last().and_then(|node| trie.grams.get_mut(*node)).ok_or_else(wrong)?;
            if end.replace(number).is_some() {
                return Err(wrong());
            }
            previous = gram;
        }
        trie.edges.sort_unstable();
        let most = tokens.iter().max().map_or(0, |most| most.saturating_add(1));
        trie.singles = (0..most).map(|token| trie.gram(trie.next(0, token)?)).collect();
        Ok(trie)
    }

    fn next(&self, node: usize, token: usize) -> Option<usize> {
        let found = self.edges.binary_search_by_key(&(node, token), |(from, _)| *from).ok()?;
        Some(self.edges.get(found)?.1)
    }

    fn gram(&self, node: usize) -> Option<usize> {
        self.grams.get(node).copied().flatten()
    }
}

#[derive(Debug)]
struct TfIdfVectorizer {
    mode: Mode,
    min: usize,
    max: usize,
    skips: usize,
    /// Tokens to their numbers.
    tokens: Lookup,
    trie: Trie,
    /// The column of each n-gram.
    columns: Vec<usize>,
    /// The weight of each n-gram; 1 where there is none.
    weights: Vec<f32>,
    width: usize,
    is_text: bool,
}

impl TfIdfVectorizer {
    fn count(&self, tokens: &[Option<usize>], row: &mut Counter) {
        let mut shortest = self.min;
        if shortest == 1 {
            // Skipping does not make them different.
            for token in tokens.iter().flatten() {
                let gram = self.trie.singles.get(*token).copied().flatten();
                gram.into_iter().for_each(|gram| self.add(gram, row));
            }
            shortest = 2;
        }
        if shortest > self.max {
            return;
        }
        for distance in 1..=self.skips.saturating_add(1).min(tokens.len()) {
            for start in 0..tokens.len() {
                let mut node = 0;
                let spaced = tokens.iter().skip(start).step_by(distance);
                for (token, length) in spaced.zip(1..=self.max) {
                    let next = token.and_then(|token| self.trie.next(node, token));
                    let Some(next) = next else { break };
                    node = next;
                    if let Some(gram) = self.trie.gram(node).filter(|_| length >= shortest) {
                        self.add(gram, row);
                    }
                }
            }
        }
    }

    /// Counts an n-gram once more.
    fn add(&self, gram: usize, row: &mut Counter) {
        let weight = self.weights.get(gram).copied().unwrap_or(1.0);
        let Some(column) = self.columns.get(gram) else { return };
        match self.mode {
            Mode::Tf => row.count(*column, 1.0, false),
            Mode::TfIdf => row.count(*column, weight, false),
            Mode::Idf => row.count(*column, weight, true),
        }
    }

    /// The output's shape, and how many tokens a row has.
    fn shape(&self, x: &Tensor) -> Result<(Vec<usize>, usize)> {
        let (dims, length) = match x.dims() {
            [length] => (vec![self.width], *length),
            [rows, length] => (vec![*rows, self.width], *length),
            other => {
                return Err(failed(format!(
                    "A TfIdfVectorizer takes a row or a matrix of tokens, and got the shape {}.",
                    list(other)
                )));
            }
        };
        let distances = self.skips.saturating_add(1).min(length).max(1);
        let work = x.data().len().saturating_mul(distances).saturating_mul(self.max);
        if work > MAX_WORK {
            return Err(Error::new(
                Code::LimitExceeded,
                "Counting n-grams with so many skips in so many tokens takes too long. Pass fewer or shorter texts.",
            ));
        }
        Ok((dims, length))
    }
}

impl Kernel for TfIdfVectorizer {
    fn infer(&self, inputs: &[Option<&Fact>]) -> Result<Vec<Fact>> {
        let x = required(inputs, 0)?;
        if (x.data_type == DataType::String) != self.is_text {
            return Err(invalid(format!(
                "The TfIdfVectorizer's pool is of another kind than its input, {}.",
                x.data_type.name()
            )));
        }
        let shape = match x.shape.as_deref() {
            None => None,
            Some([_]) => Some(vec![Dim::Known(self.width)]),
            Some([rows, _]) => Some(vec![*rows, Dim::Known(self.width)]),
            Some(_) => {
                return Err(invalid("A TfIdfVectorizer takes a row or a matrix of tokens."));
            }
        };
        one_fact(DataType::Float32, shape)
    }

    fn run(&self, inputs: &[Option<&Tensor>]) -> Result<Vec<Tensor>> {
        let (dims, _) = self.shape(required(inputs, 0)?)?;
        let mut counts = vec![0f32; shape::elements(&dims)?];
        let mut sparse = Sparse::default();
        self.run_sparse(inputs, &mut sparse)?;
        let mut start = 0;
        for (row, end) in counts.chunks_mut(self.width.max(1)).zip(sparse.ends) {
            for index in start..end {
                row[sparse.columns[index]] = sparse.values[index];
            }
            start = end;
        }
        one_tensor(dims, Data::F32(counts))
    }

    fn is_sparse(&self, inputs: &[Option<&Fact>]) -> bool {
        inputs.len() == 1 && self.weights.iter().all(|weight| weight.is_finite())
    }

    fn run_sparse(&self, inputs: &[Option<&Tensor>], out: &mut Sparse) -> Result<()> {
        let x = required(inputs, 0)?;
        let (dims, length) = self.shape(x)?;
        let tokens = self.tokens.positions(x.data())?;
        let mut counter = Counter::new(self.width);
        out.width = self.width;
        let rows = if let [rows, _] = *dims { rows } else { 1 };
        for row in 0..rows {
            self.count(
                tokens.get(row * length..(row + 1) * length).unwrap_or_default(),
                &mut counter,
            );
            out.push(&mut counter);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
