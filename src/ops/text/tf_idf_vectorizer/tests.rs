use super::*;
use crate::ops::Attribute;
use crate::ops::encoders::testing::{build_of, floats, ints, run, strings, texts};

type Attributes = Vec<(&'static str, Attribute)>;

fn attributes(
    mode: &str,
    lengths: (i64, i64),
    skips: i64,
    counts: &[i64],
    columns: &[i64],
) -> Attributes {
    vec![
        ("mode", Attribute::String(mode.into())),
        ("min_gram_length", Attribute::Int(lengths.0)),
        ("max_gram_length", Attribute::Int(lengths.1)),
        ("max_skip_count", Attribute::Int(skips)),
        ("ngram_counts", ints(counts)),
        ("ngram_indexes", ints(columns)),
    ]
}

fn count(attributes: Attributes, dims: &[usize], x: Data) -> Result<(Vec<usize>, Vec<f32>)> {
    let kernel = build_of("", "TfIdfVectorizer", 9, 1, &attributes)?;
    let x = Tensor::new(dims.to_vec(), x)?;
    let fact = kernel.infer(&[Some(&Fact::fixed(x.data_type(), dims))])?.remove(0);
    let (dims, data) = run(&*kernel, &x)?.into_parts();
    assert_eq!(fact.dims().unwrap(), dims);
    match data {
        Data::F32(values) => Ok((dims, values)),
        _ => panic!(),
    }
}

fn singles(mode: &str, columns: &[i64], weights: Option<&[f32]>) -> Attributes {
    let mut attributes = attributes(mode, (1, 1), 0, &[0], columns);
    attributes.push(("pool_int64s", ints(&[5, 6, 7])));
    attributes.extend(weights.map(|weights| ("weights", floats(weights))));
    attributes
}

/// Values from onnxruntime 1.31.
#[test]
fn one_token_each() {
    let x = || Data::I64(vec![5, 5, 7]);
    let counted = count(singles("TF", &[0, 1, 2], None), &[3], x()).unwrap();
    assert_eq!(counted, (vec![3], vec![2.0, 0.0, 1.0]));
    let counted =
        count(singles("TF", &[0, 1, 2], None), &[3, 1], Data::I32(vec![5, 6, 8])).unwrap();
    assert_eq!(counted, (vec![3, 3], vec![1., 0., 0., 0., 1., 0., 0., 0., 0.]));
    let weights = Some(&[0.1, 0.2, 0.3][..]);
    for (mode, columns, wanted) in [
        ("TFIDF", [2, 0, 1], vec![0.0, 0.3, 0.2]),
        ("IDF", [2, 0, 1], vec![0.0, 0.3, 0.1]),
        ("TF", [2, 0, 1], vec![0.0, 1.0, 2.0]),
        ("TFIDF", [4, 0, 1], vec![0.0, 0.3, 0.0, 0.0, 0.2]),
        ("TFIDF", [0, 0, 1], vec![0.2, 0.3]),
    ] {
        assert_eq!(count(singles(mode, &columns, weights), &[3], x()).unwrap().1, wanted);
    }
    let counted = count(singles("IDF", &[2, 0, 1], None), &[3], x()).unwrap();
    assert_eq!(counted.1, [0.0, 1.0, 1.0]);
    let x = Data::I64(vec![5, 6, 6]);
    assert_eq!(count(singles("IDF", &[0, 0, 1], weights), &[3], x).unwrap().1, [0.2, 0.0]);
}

/// Shapes from onnxruntime 1.31, which takes no matrix without rows.
#[test]
fn no_tokens() {
    for (dims, wanted) in [(&[0][..], vec![3]), (&[2, 0], vec![2, 3]), (&[0, 3], vec![0, 3])] {
        let none = Data::I64(vec![]);
        let (dims, counts) = count(singles("TF", &[0, 1, 2], None), dims, none).unwrap();
        assert!(counts.iter().all(|value| *value == 0.0));
        assert_eq!(dims, wanted);
    }
}

/// Values from onnxruntime 1.31.
#[test]
fn several_tokens_each() {
    let pool = ("pool_strings", strings(&["a", "b", "a", "b", "b", "a"]));
    let x = || texts(&["a", "b", "a", "b", "a"]);
    for (lengths, skips, counts, wanted) in [
        ((1, 2), 0, [0, 2], [3.0, 2.0, 2.0, 2.0]),
        ((1, 2), 1, [0, 2], [3.0, 2.0, 2.0, 2.0]),
        ((1, 2), 9, [0, 2], [3.0, 2.0, 3.0, 3.0]),
        ((1, 2), i64::MAX, [0, 2], [3.0, 2.0, 3.0, 3.0]),
        ((2, 2), 0, [0, 2], [0.0, 0.0, 2.0, 2.0]),
        ((1, 1), 0, [0, 2], [3.0, 2.0, 0.0, 0.0]),
        ((1, 2), 0, [2, 2], [2.0, 2.0, 0.0, 0.0]),
    ] {
        let mut attributes = attributes("TF", lengths, skips, &counts, &[0, 1, 2, 3]);
        attributes.push(pool.clone());
        assert_eq!(count(attributes, &[5], x()).unwrap().1, wanted);
    }
}

#[test]
fn contradictions() {
    let pool = ("pool_int64s", ints(&[5, 6, 5, 6, 6, 5]));
    for (lengths, counts, columns) in [
        ((0, 1), &[0, 2][..], &[0, 1, 2, 3][..]),
        ((2, 1), &[0, 2], &[0, 1, 2, 3]),
        ((1, 3), &[0, 2], &[0, 1, 2, 3]),
        ((1, 2), &[0, 3], &[0, 1, 2, 3]),
        ((1, 2), &[0, 9], &[0, 1, 2, 3]),
        ((1, 2), &[3, 2], &[0, 1, 2, 3]),
        ((1, 2), &[0, -1], &[0, 1, 2, 3]),
        ((1, 2), &[0, 2], &[0, 1, 2]),
        ((1, 2), &[0, 2], &[0, 1, 2, -1]),
        ((1, 2), &[0, 2], &[0, 1, 2, i64::MAX]),
        ((1, 1), &[0], &[0, 1, 2, 3, 4, 5]),
        ((1, 2), &[], &[0, 1, 2, 3]),
    ] {
        let mut attributes = attributes("TF", lengths, 0, counts, columns);
        attributes.push(pool.clone());
        assert!(count(attributes, &[1], Data::I64(vec![5])).is_err(), "{counts:?} {columns:?}");
    }
    let good = || attributes("TF", (1, 2), 0, &[0, 2], &[0, 1, 2, 3]);
    assert!(count(good(), &[1], Data::I64(vec![5])).is_err());
    let with =
        |more: &[(&'static str, Attribute)]| [good(), vec![pool.clone()], more.to_vec()].concat();
    assert!(count(with(&[]), &[1], Data::I64(vec![5])).is_ok());
    assert!(count(with(&[]), &[1], texts(&["5"])).is_err());
    assert!(count(with(&[("weights", floats(&[1.0]))]), &[1], Data::I64(vec![5])).is_err());
    assert!(count(with(&[("pool_strings", strings(&["a"]))]), &[1], Data::I64(vec![5])).is_err());
}
