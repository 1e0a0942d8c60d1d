//! Trees as `TreeEnsembleClassifier` and `TreeEnsembleRegressor` write them down: lists of nodes,
//! each named by the numbers of its tree and its own, and lists of votes for such nodes.

use super::ensemble::{Branch, Child, Ensemble, Mode, Place};
use super::real::Real;
use super::trees::{Trees, Values};
use crate::error::Result;
use crate::ops::{Attributes, invalid};

/// The attributes, read.
pub struct Nodes {
    trees: Vec<i64>,
    ids: Vec<i64>,
    /// `None` is a leaf.
    modes: Vec<Option<Mode>>,
    features: Vec<i64>,
    thresholds: Values,
    yes: Vec<i64>,
    no: Vec<i64>,
    missing: Vec<i64>,
    vote_trees: Vec<i64>,
    vote_nodes: Vec<i64>,
    vote_targets: Vec<i64>,
    vote_weights: Values,
    base_values: Values,
}

impl Nodes {
    /// Reads all that is of nodes and votes; the names of votes begin with `class` or `target`.
    /// `tensors` are allowed for lists of floats from version 3 on.
    ///
    /// # Errors
    /// `MODEL_INVALID` where lists differ in length.
    pub fn read(attributes: &mut Attributes, votes: &str, tensors: bool) -> Result<Self> {
        // How often a node was visited in training.
        Values::read(attributes, "nodes_hitrates", tensors)?;
        let modes = attributes.strings("nodes_modes")?.unwrap_or_default();
        let mut ints = |name: &str| Ok(attributes.ints(name)?.unwrap_or_default());
        let nodes = Nodes {
            trees: ints("nodes_treeids")?,
            ids: ints("nodes_nodeids")?,
            modes: modes.iter().map(|name| mode(name)).collect::<Result<_>>()?,
            features: ints("nodes_featureids")?,
            yes: ints("nodes_truenodeids")?,
            no: ints("nodes_falsenodeids")?,
            missing: ints("nodes_missing_value_tracks_true")?,
            vote_trees: ints(&format!("{votes}_treeids"))?,
            vote_nodes: ints(&format!("{votes}_nodeids"))?,
            vote_targets: ints(&format!("{votes}_ids"))?,
            thresholds: Values::read(attributes, "nodes_values", tensors)?,
            vote_weights: Values::read(attributes, &format!("{votes}_weights"), tensors)?,
            base_values: Values::read(attributes, "base_values", tensors)?,
        };
        let count = nodes.trees.len();
        let lists = [
            nodes.ids.len(),
            nodes.modes.len(),
            nodes.features.len(),
            nodes.thresholds.len(),
            nodes.yes.len(),
            nodes.no.len(),
        ];
        if lists.iter().any(|length| *length != count) {
            return Err(invalid("The lists of the trees' nodes differ in length."));
        }
        if nodes.missing.len() > count {
            return Err(invalid("`nodes_missing_value_tracks_true` is longer than the nodes."));
        }
        let count = nodes.vote_trees.len();
        let lists = [nodes.vote_nodes.len(), nodes.vote_targets.len(), nodes.vote_weights.len()];
        if lists.iter().any(|length| *length != count) {
            return Err(invalid("The lists of the leaves' votes differ in length."));
        }
        Ok(nodes)
    }

    /// How many base values there are.
    pub fn base_values(&self) -> usize {
        self.base_values.len()
    }

    /// The targets or classes that leaves vote for.
    pub fn vote_targets(&self) -> &[i64] {
        &self.vote_targets
    }

    /// Whether any leaf's vote is below zero.
    pub fn any_negative(&self) -> bool {
        self.vote_weights.any_negative()
    }

    /// The trees: in double precision if any of the lists is.
    ///
    /// # Errors
    /// `MODEL_INVALID` where the nodes are no trees.
    pub fn build(&self, targets: usize) -> Result<Trees> {
        let double = [&self.thresholds, &self.vote_weights, &self.base_values];
        Ok(if double.iter().any(|values| values.is_double()) {
            self.ensemble::<f64>(targets)?.into()
        } else {
            self.ensemble::<f32>(targets)?.into()
        })
    }

    fn ensemble<T: Real>(&self, targets: usize) -> Result<Ensemble<T>> {
        let mut ensemble = Ensemble::new(targets, self.base_values.to());
        let (places, order) = self.places()?;
        let find = |hint: usize, tree: i64, node: i64| {
            let name = |at: usize| Some((*self.trees.get(at)?, *self.ids.get(at)?));
            // Most files have a tree's nodes one behind the other, without a gap in their numbers.
            let guess = node.wrapping_sub(self.ids.get(hint).copied().unwrap_or(0));
            let guess = hint.wrapping_add(guess as usize);
            if name(guess) == Some((tree, node)) {
                return Some(guess);
            }
            let found = order.binary_search_by_key(&Some((tree, node)), |at| name(*at)).ok()?;
            order.get(found).copied()
        };
        let thresholds: Vec<T> = self.thresholds.to();
        let mut is_child = vec![false; places.len()];
        for (at, mode) in self.modes.iter().enumerate() {
            let Some(mode) = *mode else { continue };
            let mut child = |node: i64| {
                let place = find(at, self.trees[at], node).ok_or_else(|| {
                    invalid(format!(
                        "Node {} of tree {} leads to the node {node}, which is not there.",
                        self.ids[at], self.trees[at]
                    ))
                })?;
                is_child[place] = true;
                Child::new(places[place])
            };
            let children = [child(self.no[at])?, child(self.yes[at])?];
            let feature = u32::try_from(self.features[at])
                .map_err(|_| invalid(format!("A node looks at column {}.", self.features[at])))?;
            ensemble.push_branch(Branch {
                mode,
                missing: self.missing.get(at) == Some(&1),
                feature,
                threshold: thresholds[at],
                children,
            });
        }
        self.leaves(&mut ensemble, &places, find)?;
        self.roots(&mut ensemble, &places, &is_child)?;
        ensemble.check()?;
        Ok(ensemble)
    }

    /// The number of each node among the branches or the leaves, and the nodes in the order of
    /// their names.
    fn places(&self) -> Result<(Vec<Place>, Vec<usize>)> {
        let (mut branches, mut leaves) = (0, 0);
        let places = self.modes.iter().map(|mode| {
            let counter = if mode.is_some() { &mut branches } else { &mut leaves };
            *counter += 1;
            let number = *counter - 1;
            if mode.is_some() { Place::Branch(number) } else { Place::Leaf(number) }
        });
        let places = places.collect();
        let mut order: Vec<usize> = (0..self.ids.len()).collect();
        let key = |at: &usize| (self.trees[*at], self.ids[*at]);
        if !order.is_sorted_by_key(key) {
            order.sort_by_key(key);
        }
        match order.windows(2).find(|pair| key(&pair[0]) == key(&pair[1])) {
            Some(pair) => Err(invalid(format!(
                "Tree {} has two nodes {}.",
                self.trees[pair[0]], self.ids[pair[0]]
            ))),
            None => Ok((places, order)),
        }
    }

    /// Appends the leaves with their votes. Votes of branches, which old converters wrote, count
    /// for nothing; so do, as onnxruntime has it, all of a leaf's votes but the first where there
    /// is one target: skl2onnx leaves one a class where it makes leaves answer their numbers.
    fn leaves<T: Real>(
        &self,
        ensemble: &mut Ensemble<T>,
        places: &[Place],
        find: impl Fn(usize, i64, i64) -> Option<usize>,
    ) -> Result<()> {
        let weights: Vec<T> = self.vote_weights.to();
        let mut votes: Vec<(usize, usize)> = Vec::with_capacity(self.vote_trees.len());
        let mut last = 0;
        for (vote, (tree, node)) in self.vote_trees.iter().zip(&self.vote_nodes).enumerate() {
            last = find(last, *tree, *node).ok_or_else(|| {
                invalid(format!("Node {node} of tree {tree} votes, and is not there."))
            })?;
            if let Place::Leaf(leaf) = places[last] {
                votes.push((leaf, vote));
            }
        }
        if !votes.is_sorted() {
            votes.sort_unstable();
        }
        let mut votes = votes.into_iter().peekable();
        let count = places.iter().filter(|place| matches!(place, Place::Leaf(_))).count();
        for leaf in 0..count {
            let own = std::iter::from_fn(|| votes.next_if(|(of, _)| *of == leaf));
            let mut own = own.map(|(_, vote)| (self.vote_targets[vote], weights[vote]));
            if ensemble.targets == 1 {
                let first = own.next();
                own.for_each(drop);
                ensemble.push_leaf(first)?;
            } else {
                ensemble.push_leaf(own)?;
            }
        }
        Ok(())
    }

    /// Each tree begins at the one node that no other leads to; trees are in the order of the
    /// nodes.
    fn roots<T: Real>(
        &self,
        ensemble: &mut Ensemble<T>,
        places: &[Place],
        is_child: &[bool],
    ) -> Result<()> {
        let mut trees = vec![];
        for (at, place) in places.iter().enumerate().filter(|(at, _)| !is_child[*at]) {
            ensemble.roots.push(Child::new(*place)?);
            trees.push(self.trees[at]);
        }
        trees.sort_unstable();
        match trees.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(invalid(format!("Tree {} has two roots.", pair[0]))),
            None => Ok(()),
        }
    }
}

fn mode(name: &str) -> Result<Option<Mode>> {
    Ok(Some(match name {
        "LEAF" => return Ok(None),
        "BRANCH_LEQ" => Mode::Leq,
        "BRANCH_LT" => Mode::Lt,
        "BRANCH_GTE" => Mode::Gte,
        "BRANCH_GT" => Mode::Gt,
        "BRANCH_EQ" => Mode::Eq,
        "BRANCH_NEQ" => Mode::Neq,
        _ => return Err(invalid(format!("There are no nodes of the mode {name}."))),
    }))
}

#[cfg(test)]
mod tests {
    use crate::error::Code;
    use crate::ops::estimators::testing::{Named, close, floats, ints, run, strings};
    use crate::tensor::Data;

    /// 0 → 1 | 2, 2 → 3 | 4.
    fn tree() -> Vec<Named> {
        vec![
            ("nodes_treeids", ints(&[0; 5])),
            ("nodes_nodeids", ints(&[0, 1, 2, 3, 4])),
            ("nodes_featureids", ints(&[0, 0, 1, 0, 0])),
            ("nodes_values", floats(&[0.0, 0.0, 0.0, 0.0, 0.0])),
            ("nodes_truenodeids", ints(&[1, 0, 3, 0, 0])),
            ("nodes_falsenodeids", ints(&[2, 0, 4, 0, 0])),
            ("nodes_modes", strings(&["BRANCH_LEQ", "LEAF", "BRANCH_GT", "LEAF", "LEAF"])),
            ("target_treeids", ints(&[0, 0, 0])),
            ("target_nodeids", ints(&[1, 3, 4])),
            ("target_ids", ints(&[0, 0, 0])),
            ("target_weights", floats(&[1.0, 2.0, 4.0])),
        ]
    }

    #[test]
    fn broken_trees_are_refused() {
        let code = |attributes: &[Named]| {
            run("TreeEnsembleRegressor", 3, attributes, Data::F32(vec![0.0, 0.0]), 2)
                .map_err(|error| error.code())
        };
        assert!(code(&tree()).is_ok());
        for (list, values) in [
            ("nodes_truenodeids", &[1, 0, 0, 0, 0][..]),
            ("nodes_truenodeids", &[1, 0, 2, 0, 0]),
            ("nodes_falsenodeids", &[99, 0, 4, 0, 0]),
            ("nodes_falsenodeids", &[i64::MIN, 0, 4, 0, 0]),
            ("nodes_falsenodeids", &[2, 0, 4, 0]),
            ("nodes_nodeids", &[0, 1, 2, 3, 3]),
            ("nodes_featureids", &[-1, 0, 1, 0, 0]),
            ("nodes_featureids", &[1 << 40, 0, 1, 0, 0]),
            ("nodes_treeids", &[0, 0, 0, 1, 1]),
            ("target_nodeids", &[1, 3, 9]),
            ("target_ids", &[0, 0, 1]),
            ("target_ids", &[0, 0, -1]),
            ("target_ids", &[0, 0]),
            ("nodes_missing_value_tracks_true", &[0; 6]),
        ] {
            let mut attributes = tree();
            attributes.retain(|(name, _)| *name != list);
            attributes.push((list, ints(values)));
            assert_eq!(code(&attributes).unwrap_err(), Code::ModelInvalid, "{list} {values:?}");
        }
        for targets in [0, -1, 1 << 40] {
            let mut attributes = tree();
            attributes.push(("n_targets", crate::ops::Attribute::Int(targets)));
            assert_eq!(code(&attributes).unwrap_err(), Code::ModelInvalid);
        }
    }

    /// Values from onnxruntime 1.31.1.
    #[test]
    fn a_single_target_counts_the_first_vote_of_a_leaf() {
        let mut attributes = tree();
        attributes[8].1 = ints(&[1, 1, 3]);
        let one = || Data::F32(vec![-1.0, 0.0]);
        let single = run("TreeEnsembleRegressor", 3, &attributes, one(), 2).unwrap();
        close(&single[0], &[1.0]);
        attributes.push(("n_targets", crate::ops::Attribute::Int(2)));
        let two = run("TreeEnsembleRegressor", 3, &attributes, one(), 2).unwrap();
        close(&two[0], &[3.0, 0.0]);
    }

    /// A missing value goes where a comparison that holds goes, or not; votes of branches count
    /// for nothing.
    #[test]
    fn missing_values_take_the_side_they_are_told() {
        let nan = f32::NAN;
        let rows = || Data::F32(vec![-1.0, 0.0, nan, 1.0, nan, nan, 1.0, 1.0, 1.0, -1.0]);
        let values = |attributes: &[Named]| {
            run("TreeEnsembleRegressor", 1, attributes, rows(), 2).unwrap().swap_remove(0)
        };
        close(&values(&tree()), &[1.0, 2.0, 4.0, 2.0, 4.0]);
        let mut tracking = tree();
        tracking.push(("nodes_missing_value_tracks_true", ints(&[0, 0, 1])));
        tracking[7].1 = ints(&[0, 0, 0, 0]);
        tracking[8].1 = ints(&[1, 3, 4, 2]);
        tracking[9].1 = ints(&[0, 0, 0, 0]);
        tracking[10].1 = floats(&[1.0, 2.0, 4.0, 100.0]);
        close(&values(&tracking), &[1.0, 2.0, 2.0, 2.0, 4.0]);
    }
}
