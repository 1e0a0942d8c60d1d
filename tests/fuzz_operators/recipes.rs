//! Attributes of operators for which chance alone never finds any that fit each other.

use predikt::ops::Attribute::{self, Float, Floats, Int, Ints, String as Text, Strings};
use predikt::{Data, Tensor};

use crate::random::Random;
use crate::table::Spec;
use crate::values;

type Attributes = Vec<(String, Attribute)>;

/// Makes attributes fit each other. `width` is the length of the input's last axis.
pub fn amend(random: &mut Random, spec: &Spec, width: usize, attributes: &mut Attributes) {
    let width = width.clamp(1, 8);
    match spec.name {
        "TreeEnsembleClassifier" => nodes(random, "class", width, attributes),
        "TreeEnsembleRegressor" => nodes(random, "target", width, attributes),
        "TreeEnsemble" => positions(random, width, attributes),
        "SVMClassifier" => svm_classifier(random, width, attributes),
        "SVMRegressor" => svm_regressor(random, width, attributes),
        "LinearClassifier" => linear_classifier(random, width, attributes),
        "LinearRegressor" => {
            let targets = 1 + random.below(3);
            set(attributes, "targets", Int(targets as i64));
            set(attributes, "coefficients", Floats(floats(random, targets * width)));
            set(attributes, "intercepts", Floats(floats(random, targets)));
        }
        "TfIdfVectorizer" => tf_idf(random, attributes),
        "LabelEncoder" if spec.version > 1 => {
            one_of(
                random,
                attributes,
                &["keys_int64s", "keys_floats", "keys_strings", "keys_tensor"],
            );
            let lists = ["values_int64s", "values_floats", "values_strings", "values_tensor"];
            one_of(random, attributes, &lists);
        }
        "Scaler" => {
            let length = if random.below(2) == 0 { 1 } else { width };
            set(attributes, "offset", Floats(floats(random, length)));
            set(attributes, "scale", Floats(floats(random, length)));
        }
        "Imputer" => {
            let lists = ["imputed_value_floats", "imputed_value_int64s"];
            one_of(random, attributes, &lists);
        }
        "OneHotEncoder" => one_of(random, attributes, &["cats_int64s", "cats_strings"]),
        "CategoryMapper" => {
            let count = 1 + random.below(4);
            set(attributes, "cats_int64s", Ints((0..count as i64).collect()));
            let texts = (0..count).map(|_| values::text(random)).collect();
            set(attributes, "cats_strings", Strings(texts));
        }
        "Constant" => one_of(
            random,
            attributes,
            &[
                "value",
                "value_float",
                "value_int",
                "value_string",
                "value_floats",
                "value_ints",
                "value_strings",
            ],
        ),
        _ => {}
    }
}

fn set(attributes: &mut Attributes, name: &str, value: Attribute) {
    attributes.retain(|(held, _)| held != name);
    attributes.push((name.to_owned(), value));
}

fn drop_all(attributes: &mut Attributes, part: &str) {
    attributes.retain(|(name, _)| !name.contains(part));
}

fn one_of(random: &mut Random, attributes: &mut Attributes, names: &[&str]) {
    let held: Vec<&&str> =
        names.iter().filter(|name| attributes.iter().any(|(held, _)| held == **name)).collect();
    if held.len() > 1 {
        let kept = *held[random.below(held.len())];
        attributes.retain(|(name, _)| name == kept || !names.contains(&&**name));
    }
}

fn floats(random: &mut Random, count: usize) -> Vec<f32> {
    (0..count).map(|_| values::float(random) as f32).collect()
}

fn ids(random: &mut Random, count: usize, below: usize) -> Vec<i64> {
    (0..count).map(|_| random.below(below) as i64).collect()
}

fn labels(random: &mut Random, attributes: &mut Attributes, integers: &str, count: usize) {
    drop_all(attributes, "classlabels");
    if random.below(2) == 0 {
        set(attributes, integers, Ints((0..count as i64).collect()));
    } else {
        let texts = (0..count).map(|index| format!("c{index}")).collect();
        set(attributes, "classlabels_strings", Strings(texts));
    }
}

/// Trees by numbers: each has branches 0..n, whose children come behind them, then leaves.
fn nodes(random: &mut Random, votes: &str, width: usize, attributes: &mut Attributes) {
    drop_all(attributes, "as_tensor");
    let targets = 1 + random.below(3);
    let (mut trees, mut numbers, mut yes, mut no, mut modes) =
        (vec![], vec![], vec![], vec![], vec![]);
    let (mut leaf_trees, mut leaf_numbers) = (vec![], vec![]);
    const MODES: [&str; 6] =
        ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];
    for tree in 0..1 + random.below(3) as i64 {
        let branches = random.below(4) as i64;
        for number in 0..=2 * branches {
            trees.push(tree);
            numbers.push(number);
            let is_branch = number < branches;
            yes.push(if is_branch { 2 * number + 1 } else { 0 });
            no.push(if is_branch { 2 * number + 2 } else { 0 });
            let mode = if is_branch { MODES[random.below(6)] } else { "LEAF" };
            modes.push(mode.to_owned());
            if !is_branch {
                leaf_trees.push(tree);
                leaf_numbers.push(number);
            }
        }
    }
    let (count, leaves) = (modes.len(), leaf_trees.len());
    set(attributes, "nodes_treeids", Ints(trees));
    set(attributes, "nodes_nodeids", Ints(numbers));
    set(attributes, "nodes_truenodeids", Ints(yes));
    set(attributes, "nodes_falsenodeids", Ints(no));
    set(attributes, "nodes_modes", Strings(modes));
    set(attributes, "nodes_featureids", Ints(ids(random, count, width)));
    set(attributes, "nodes_values", Floats(floats(random, count)));
    attributes.retain(|(name, _)| name != "nodes_hitrates");
    set(attributes, "nodes_missing_value_tracks_true", Ints(ids(random, count, 2)));
    set(attributes, &format!("{votes}_treeids"), Ints(leaf_trees));
    set(attributes, &format!("{votes}_nodeids"), Ints(leaf_numbers));
    set(attributes, &format!("{votes}_ids"), Ints(ids(random, leaves, targets)));
    set(attributes, &format!("{votes}_weights"), Floats(floats(random, leaves)));
    match random.below(2) {
        0 => drop_all(attributes, "base_values"),
        _ => set(attributes, "base_values", Floats(floats(random, targets))),
    }
    if votes == "class" {
        labels(random, attributes, "classlabels_int64s", targets);
    } else {
        set(attributes, "n_targets", Int(targets as i64));
    }
}

fn vector(random: &mut Random, count: usize, double: bool) -> Attribute {
    let values = floats(random, count);
    let data = match double {
        true => Data::F64(values.into_iter().map(f64::from).collect()),
        false => Data::F32(values),
    };
    Attribute::Tensor(Tensor::new(vec![count], data).unwrap())
}

/// One tree by positions: branch n has children 2n + 1 and 2n + 2.
fn positions(random: &mut Random, width: usize, attributes: &mut Attributes) {
    attributes.clear();
    let (branches, targets) = (1 + random.below(4), 1 + random.below(3));
    let double = random.below(3) == 0;
    let modes: Vec<u8> = (0..branches).map(|_| random.below(7) as u8).collect();
    let child =
        |side: usize| -> (Vec<i64>, Vec<i64>) {
            let places = (0..branches).map(|branch| 2 * branch + side);
            places
                .map(|place| {
                    if place < branches {
                        (0, place as i64)
                    } else {
                        (1, (place - branches) as i64)
                    }
                })
                .unzip()
        };
    let ((yes_leaf, yes), (no_leaf, no)) = (child(1), child(2));
    let mut members = vec![];
    for _ in modes.iter().filter(|mode| **mode == 6) {
        members.extend(floats(random, 2));
        members.push(f32::NAN);
    }
    let members = match double {
        true => Data::F64(members.into_iter().map(f64::from).collect()),
        false => Data::F32(members),
    };
    if !members.is_empty() {
        let members = Tensor::new(vec![members.len()], members).unwrap();
        set(attributes, "membership_values", Attribute::Tensor(members));
    }
    let modes = Tensor::new(vec![branches], Data::U8(modes)).unwrap();
    set(attributes, "nodes_modes", Attribute::Tensor(modes));
    set(attributes, "nodes_splits", vector(random, branches, double));
    set(attributes, "nodes_featureids", Ints(ids(random, branches, width)));
    set(attributes, "nodes_trueleafs", Ints(yes_leaf));
    set(attributes, "nodes_truenodeids", Ints(yes));
    set(attributes, "nodes_falseleafs", Ints(no_leaf));
    set(attributes, "nodes_falsenodeids", Ints(no));
    set(attributes, "leaf_targetids", Ints(ids(random, branches + 1, targets)));
    set(attributes, "leaf_weights", vector(random, branches + 1, double));
    set(attributes, "tree_roots", Ints(vec![0; 1 + random.below(2)]));
    set(attributes, "n_targets", Int(targets as i64));
    set(attributes, "aggregate_function", Int(random.below(4) as i64));
    set(attributes, "post_transform", Int(random.below(5) as i64));
}

fn svm_classifier(random: &mut Random, width: usize, attributes: &mut Attributes) {
    let classes = 2 + random.below(3);
    let counts: Vec<i64> = (0..classes).map(|_| 1 + random.below(3) as i64).collect();
    let vectors = counts.iter().sum::<i64>() as usize;
    let pairs = classes * (classes - 1) / 2;
    labels(random, attributes, "classlabels_ints", classes);
    if random.below(3) > 0 {
        set(attributes, "vectors_per_class", Ints(counts));
        set(attributes, "support_vectors", Floats(floats(random, vectors * width)));
        set(attributes, "coefficients", Floats(floats(random, (classes - 1) * vectors)));
        set(attributes, "rho", Floats(floats(random, pairs)));
    } else {
        drop_all(attributes, "vectors");
        set(attributes, "coefficients", Floats(floats(random, classes * width)));
        set(attributes, "rho", Floats(floats(random, classes)));
    }
    drop_all(attributes, "prob_");
    if random.below(2) == 0 {
        set(attributes, "prob_a", Floats(floats(random, pairs)));
        set(attributes, "prob_b", Floats(floats(random, pairs)));
    }
    kernel(random, attributes);
}

fn kernel(random: &mut Random, attributes: &mut Attributes) {
    let params = vec![0.5, values::float(random) as f32, random.below(4) as f32];
    set(attributes, "kernel_params", Floats(params));
}

fn svm_regressor(random: &mut Random, width: usize, attributes: &mut Attributes) {
    let vectors = random.below(4);
    set(attributes, "n_supports", Int(vectors as i64));
    set(attributes, "support_vectors", Floats(floats(random, vectors * width)));
    let coefficients = if vectors == 0 { width } else { vectors };
    set(attributes, "coefficients", Floats(floats(random, coefficients)));
    set(attributes, "rho", Floats(floats(random, 1)));
    kernel(random, attributes);
}

fn linear_classifier(random: &mut Random, width: usize, attributes: &mut Attributes) {
    let classes = 1 + random.below(3);
    let rows = if classes == 2 && random.below(2) == 0 { 1 } else { classes };
    labels(random, attributes, "classlabels_ints", classes);
    set(attributes, "coefficients", Floats(floats(random, rows * width)));
    set(attributes, "intercepts", Floats(floats(random, rows)));
}

fn tf_idf(random: &mut Random, attributes: &mut Attributes) {
    const WORDS: [&str; 6] = ["a", "b", "red rose", "", "12", "日本語 テキスト"];
    let (ones, pairs) = (1 + random.below(4), random.below(3));
    let tokens = ones + 2 * pairs;
    drop_all(attributes, "pool");
    if random.below(2) == 0 {
        let texts = (0..tokens).map(|index| WORDS[index % 6].to_owned()).collect();
        set(attributes, "pool_strings", Strings(texts));
    } else {
        set(attributes, "pool_int64s", Ints((0..tokens as i64).map(|token| token % 6).collect()));
    }
    let columns = ones + pairs;
    set(attributes, "ngram_counts", Ints(vec![0, ones as i64]));
    set(attributes, "ngram_indexes", Ints((0..columns as i64).collect()));
    drop_all(attributes, "weights");
    if random.below(2) == 0 {
        set(attributes, "weights", Floats(floats(random, columns)));
    }
    set(attributes, "min_gram_length", Int(1));
    set(attributes, "max_gram_length", Int(1 + random.below(2) as i64));
    set(attributes, "mode", Text(["TF", "IDF", "TFIDF"][random.below(3)].to_owned()));
    if random.below(30) == 0 {
        set(attributes, "max_skip_count", Int(values::integer(random)));
    }
    attributes.retain(|(_, value)| !matches!(value, Float(_)));
}
