//! Trees as `TreeEnsemble` (ai.onnx.ml 5) writes them down: lists of branches and of leaves, named
//! by their positions.

use super::ensemble::{Branch, Child, Ensemble, Mode, Place};
use super::trees::{Trees, Values, read_ints};
use crate::error::Result;
use crate::ops::{Attributes, invalid};
use crate::tensor::Data;

/// The lists of integers: one entry a branch, but for the first two, and but that the last may be shorter.
const LISTS: [&str; 8] = [
    "tree_roots",
    "leaf_targetids",
    "nodes_featureids",
    "nodes_falseleafs",
    "nodes_falsenodeids",
    "nodes_trueleafs",
    "nodes_truenodeids",
    "nodes_missing_value_tracks_true",
];

/// Reads all that is of branches and leaves: in double precision if any of the tensors is.
///
/// # Errors
/// `MODEL_INVALID` where they are no trees.
pub fn read(attributes: &mut Attributes, targets: usize) -> Result<Trees> {
    // How often a branch was visited in training.
    attributes.tensor("nodes_hitrates")?;
    let modes = attributes.tensor("nodes_modes")?;
    let Some(Data::U8(modes)) = modes.as_ref().map(|tensor| tensor.data()) else {
        return Err(invalid("`nodes_modes` should be a tensor of bytes."));
    };
    let mut values = |name: &str| Values::of(attributes.tensor(name)?);
    let thresholds = values("nodes_splits")?;
    // The sets of all branches that test membership, with NaN between them.
    let members = values("membership_values")?;
    let weights = values("leaf_weights")?;
    let mut lists = <[Vec<i64>; 8]>::default();
    read_ints(attributes, &LISTS, &mut lists)?;
    let [roots, leaves, of_branches @ .., missing] = &lists;
    let count = modes.len();
    let differs = of_branches.iter().any(|list| list.len() != count);
    if differs || thresholds.numbers.len() != count || missing.len() > count {
        return Err(invalid("The lists of the trees' branches differ in length."));
    }
    if leaves.len() != weights.numbers.len() {
        return Err(invalid("The lists of the trees' leaves differ in length."));
    }
    let [features, no_leaves, no, yes_leaves, yes] = of_branches;
    let mut ensemble = Ensemble {
        targets,
        is_double: thresholds.is_double || members.is_double || weights.is_double,
        ..Ensemble::default()
    };
    // One behind the last set may be left out.
    let mut sets = members.numbers.split_inclusive(|value| value.is_nan());
    for (at, mode) in modes.iter().enumerate() {
        let Some(mode) = Mode::ALL.get(usize::from(*mode)).copied() else {
            return Err(invalid(format!("There are no branches of the mode {mode}.")));
        };
        if mode == Mode::Member {
            let mut set = match sets.next() {
                Some(set) => set.to_vec(),
                None => return Err(invalid("`membership_values` has fewer sets than branches.")),
            };
            set.retain(|value| !value.is_nan());
            set.sort_unstable_by(f64::total_cmp);
            ensemble.sets.push((at as u32, set));
        }
        let feature = u32::try_from(features[at])
            .map_err(|_| invalid(format!("A branch looks at column {}.", features[at])))?;
        ensemble.push_branch(Branch {
            mode,
            missing: missing.get(at) == Some(&1),
            feature,
            threshold: thresholds.numbers[at],
            children: [child(no_leaves[at], no[at])?, child(yes_leaves[at], yes[at])?],
        });
    }
    for (target, weight) in leaves.iter().zip(&weights.numbers) {
        ensemble.push_leaf();
        ensemble.push_vote(*target, *weight)?;
    }
    ensemble.roots = roots.iter().map(|root| child(0, *root)).collect::<Result<_>>()?;
    ensemble.check()?;
    Ok(Trees::new(ensemble))
}

/// The leaf, or the branch, of that number.
fn child(is_leaf: i64, number: i64) -> Result<Child> {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    Child::new(if is_leaf != 0 { Place::Leaf(number) } else { Place::Branch(number) })
}

#[cfg(test)]
mod tests {
    use crate::error::Code;
    use crate::ops::Attribute;
    use crate::ops::estimators::testing::{Named, floats, ints, run, vector};
    use crate::tensor::{Data, Tensor};

    /// test_ai_onnx_ml_tree_ensemble_set_membership of onnx 1.23.2.
    fn membership() -> Vec<Named> {
        let nan = f32::NAN;
        vec![
            ("n_targets", Attribute::Int(4)),
            ("tree_roots", ints(&[0])),
            ("nodes_modes", vector(Data::U8(vec![0, 6, 6]))),
            ("nodes_featureids", ints(&[0, 0, 0])),
            ("nodes_splits", vector(Data::F32(vec![11.0, 232344.0, nan]))),
            ("nodes_trueleafs", ints(&[0, 1, 1])),
            ("nodes_truenodeids", ints(&[1, 0, 1])),
            ("nodes_falseleafs", ints(&[1, 0, 1])),
            ("nodes_falsenodeids", ints(&[2, 2, 3])),
            ("leaf_targetids", ints(&[0, 1, 2, 3])),
            ("leaf_weights", vector(Data::F32(vec![1.0, 10.0, 1000.0, 100.0]))),
            ("membership_values", vector(Data::F32(vec![1.2, 3.7, 8.0, 9.0, nan, 12.0, 7.0, nan]))),
        ]
    }

    fn with(name: &'static str, value: Attribute) -> Vec<Named> {
        let mut attributes = membership();
        attributes.retain(|(held, _)| *held != name);
        attributes.push((name, value));
        attributes
    }

    fn answer(attributes: &[Named], features: Data) -> crate::error::Result<Tensor> {
        Ok(run("TreeEnsemble", 5, attributes, features, 1)?.swap_remove(0))
    }

    #[test]
    fn equal_to_onnx() {
        let features = vec![1.2f32, 3.4, -0.12, f32::NAN, 12.0, 7.0];
        let got = answer(&membership(), Data::F32(features)).unwrap();
        let mut wanted = vec![0.0f32; 24];
        for (at, value) in
            [(0, 1.0), (7, 100.0), (11, 100.0), (14, 1000.0), (18, 1000.0), (21, 10.0)]
        {
            wanted[at] = value;
        }
        assert_eq!(got.data(), &Data::F32(wanted));
    }

    #[cfg(feature = "extra")]
    #[test]
    fn scores_have_the_type_of_the_features() {
        let last = |data: Data| answer(&membership(), data).unwrap().into_parts().1;
        assert_eq!(last(Data::F64(vec![7.0])), Data::F64(vec![0.0, 10.0, 0.0, 0.0]));
        assert_eq!(last(Data::F16(vec![0x4700])), Data::F16(vec![0, 0x4900, 0, 0]));
    }

    #[test]
    fn broken_trees_are_refused() {
        for (name, value) in [
            ("tree_roots", ints(&[3])),
            ("tree_roots", ints(&[-1])),
            ("nodes_modes", vector(Data::U8(vec![0, 6, 7]))),
            ("nodes_modes", floats(&[0.0; 3])),
            ("nodes_truenodeids", ints(&[0, 0, 1])),
            ("nodes_truenodeids", ints(&[1, 9, 1])),
            ("nodes_truenodeids", ints(&[1, i64::MIN, 1])),
            ("nodes_truenodeids", ints(&[1, 0])),
            ("nodes_falsenodeids", ints(&[2, 1, 3])),
            ("nodes_featureids", ints(&[0, -1, 0])),
            ("leaf_targetids", ints(&[0, 1, 2, 4])),
            ("leaf_targetids", ints(&[0, 1, 2])),
            ("membership_values", vector(Data::F32(vec![1.0]))),
            ("post_transform", Attribute::Int(5)),
            ("aggregate_function", Attribute::Int(-1)),
        ] {
            let error = answer(&with(name, value), Data::F32(vec![0.0])).unwrap_err();
            assert_eq!(error.code(), Code::ModelInvalid, "{name}");
        }
    }
}
