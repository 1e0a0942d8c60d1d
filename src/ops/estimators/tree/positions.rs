//! Trees as `TreeEnsemble` (ai.onnx.ml 5) writes them down: lists of branches and of leaves, named
//! by their positions.

use super::ensemble::{Branch, Child, Ensemble, Mode, Place};
use super::real::Real;
use super::trees::{Trees, Values};
use crate::error::Result;
use crate::ops::{Attributes, invalid};
use crate::tensor::Data;

/// The attributes, read.
struct Positions {
    roots: Vec<i64>,
    modes: Vec<u8>,
    features: Vec<i64>,
    thresholds: Values,
    /// For false and for true: whether the branch leads to a leaf, and where.
    children: [(Vec<i64>, Vec<i64>); 2],
    missing: Vec<i64>,
    /// The sets of all branches that test membership, with NaN between them.
    members: Values,
    leaf_targets: Vec<i64>,
    leaf_weights: Values,
}

/// Reads all that is of branches and leaves: in double precision if any of the tensors is.
///
/// # Errors
/// `MODEL_INVALID` where they are no trees.
pub fn read(attributes: &mut Attributes, targets: usize) -> Result<Trees> {
    // How often a branch was visited in training.
    attributes.tensor("nodes_hitrates")?;
    let modes = match attributes.tensor("nodes_modes")?.map(|tensor| tensor.into_parts().1) {
        Some(Data::U8(modes)) => modes,
        _ => return Err(invalid("`nodes_modes` should be a tensor of bytes.")),
    };
    let mut values = |name: &str| match attributes.tensor(name)? {
        Some(tensor) => Values::of(tensor),
        None => Ok(Values::Single(vec![])),
    };
    let thresholds = values("nodes_splits")?;
    let members = values("membership_values")?;
    let leaf_weights = values("leaf_weights")?;
    let mut ints = |name: &str| Ok(attributes.ints(name)?.unwrap_or_default());
    let positions = Positions {
        roots: ints("tree_roots")?,
        modes,
        features: ints("nodes_featureids")?,
        thresholds,
        children: [
            (ints("nodes_falseleafs")?, ints("nodes_falsenodeids")?),
            (ints("nodes_trueleafs")?, ints("nodes_truenodeids")?),
        ],
        missing: ints("nodes_missing_value_tracks_true")?,
        members,
        leaf_targets: ints("leaf_targetids")?,
        leaf_weights,
    };
    let double = [&positions.thresholds, &positions.members, &positions.leaf_weights];
    Ok(if double.iter().any(|values| values.is_double()) {
        positions.ensemble::<f64>(targets)?.into()
    } else {
        positions.ensemble::<f32>(targets)?.into()
    })
}

impl Positions {
    fn ensemble<T: Real>(&self, targets: usize) -> Result<Ensemble<T>> {
        let count = self.modes.len();
        let lists = self.children.iter().flat_map(|(a, b)| [a.len(), b.len()]);
        let mut lists = lists.chain([self.features.len(), self.thresholds.len()]);
        if lists.any(|length| length != count) || self.missing.len() > count {
            return Err(invalid("The lists of the trees' branches differ in length."));
        }
        if self.leaf_targets.len() != self.leaf_weights.len() {
            return Err(invalid("The lists of the trees' leaves differ in length."));
        }
        let mut ensemble = Ensemble::new(targets, vec![]);
        let thresholds: Vec<T> = self.thresholds.to();
        let members: Vec<T> = self.members.to();
        let mut sets = sets(&members);
        for (branch, threshold) in thresholds.into_iter().enumerate() {
            self.branch(&mut ensemble, branch, threshold, &mut sets)?;
        }
        let weights: Vec<T> = self.leaf_weights.to();
        for vote in self.leaf_targets.iter().copied().zip(weights) {
            ensemble.push_leaf([vote])?;
        }
        for root in &self.roots {
            let root = usize::try_from(*root).unwrap_or(usize::MAX);
            ensemble.roots.push(Child::new(Place::Branch(root))?);
        }
        ensemble.check()?;
        Ok(ensemble)
    }

    fn branch<'t, T: Real + 't>(
        &self,
        ensemble: &mut Ensemble<T>,
        at: usize,
        threshold: T,
        sets: &mut impl Iterator<Item = &'t [T]>,
    ) -> Result<()> {
        let child = |(leaves, ids): &(Vec<i64>, Vec<i64>)| {
            let id = usize::try_from(ids[at]).unwrap_or(usize::MAX);
            Child::new(if leaves[at] != 0 { Place::Leaf(id) } else { Place::Branch(id) })
        };
        let feature = u32::try_from(self.features[at])
            .map_err(|_| invalid(format!("A branch looks at column {}.", self.features[at])))?;
        let mode = match self.modes[at] {
            0 => Mode::Leq,
            1 => Mode::Lt,
            2 => Mode::Gte,
            3 => Mode::Gt,
            4 => Mode::Eq,
            5 => Mode::Neq,
            6 => Mode::Member,
            other => return Err(invalid(format!("There are no branches of the mode {other}."))),
        };
        let branch = Branch {
            mode,
            missing: self.missing.get(at) == Some(&1),
            feature,
            threshold,
            children: [child(&self.children[0])?, child(&self.children[1])?],
        };
        if mode == Mode::Member {
            let set = sets
                .next()
                .ok_or_else(|| invalid("`membership_values` has fewer sets than branches."))?;
            ensemble.push_member(branch, set.to_vec());
        } else {
            ensemble.push_branch(branch);
        }
        Ok(())
    }
}

/// The sets between NaN; one behind the last set may be left out.
fn sets<T: Real>(members: &[T]) -> impl Iterator<Item = &[T]> {
    members.split_inclusive(|value| value.is_nan()).map(|set| match set.split_last() {
        Some((last, set)) if last.is_nan() => set,
        _ => set,
    })
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
