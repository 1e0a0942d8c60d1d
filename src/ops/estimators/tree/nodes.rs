//! Trees as `TreeEnsembleClassifier` and `TreeEnsembleRegressor` write them down: lists of nodes,
//! each named by the numbers of its tree and its own, and lists of votes for such nodes.

use super::ensemble::{Branch, Child, Ensemble, Mode, Place};
use super::trees::{Trees, Values, read_ints};
use crate::error::Result;
use crate::ops::{Attributes, invalid};

/// The attributes, read.
pub struct Nodes {
    /// One entry a node: its tree, its number, the column, where a comparison leads that holds and
    /// one that does not, and whether NaN goes where one that holds goes; of these there may be fewer.
    nodes: [Vec<i64>; 6],
    /// `None` is a leaf.
    modes: Vec<Option<Mode>>,
    thresholds: Values,
    /// One entry a vote: the tree, the node, the target.
    votes: [Vec<i64>; 3],
    weights: Values,
    base_values: Values,
}

const NODES: [&str; 6] = [
    "nodes_treeids",
    "nodes_nodeids",
    "nodes_featureids",
    "nodes_truenodeids",
    "nodes_falsenodeids",
    "nodes_missing_value_tracks_true",
];

impl Nodes {
    /// Reads all that is of nodes and votes; the names of votes begin with `class` or `target`.
    /// `tensors` are allowed for lists of floats from version 3 on.
    ///
    /// # Errors
    /// `MODEL_INVALID` where lists differ in length.
    pub fn read(attributes: &mut Attributes, prefix: &str, tensors: bool) -> Result<Self> {
        // How often a node was visited in training.
        Values::read(attributes, "nodes_hitrates", tensors)?;
        let modes = attributes.strings("nodes_modes")?.unwrap_or_default();
        let modes: Vec<_> = modes.iter().map(|name| mode(name)).collect::<Result<_>>()?;
        let (mut nodes, mut votes) = <([Vec<i64>; 6], [Vec<i64>; 3])>::default();
        read_ints(attributes, &NODES, &mut nodes)?;
        let names = ["treeids", "nodeids", "ids"].map(|name| format!("{prefix}_{name}"));
        read_ints(attributes, &names.each_ref().map(String::as_str), &mut votes)?;
        let thresholds = Values::read(attributes, "nodes_values", tensors)?;
        let weights = Values::read(attributes, &format!("{prefix}_weights"), tensors)?;
        let base_values = Values::read(attributes, "base_values", tensors)?;
        let count = modes.len();
        let [lists @ .., missing] = &nodes;
        if thresholds.numbers.len() != count || lists.iter().any(|list| list.len() != count) {
            return Err(invalid("The lists of the trees' nodes differ in length."));
        }
        if missing.len() > count {
            return Err(invalid("`nodes_missing_value_tracks_true` is longer than the nodes."));
        }
        let count = weights.numbers.len();
        if votes.iter().any(|list| list.len() != count) {
            return Err(invalid("The lists of the leaves' votes differ in length."));
        }
        Ok(Nodes { nodes, modes, thresholds, votes, weights, base_values })
    }

    /// How many base values there are.
    pub fn base_values(&self) -> usize {
        self.base_values.numbers.len()
    }

    /// The targets or classes that leaves vote for.
    pub fn vote_targets(&self) -> &[i64] {
        &self.votes[2]
    }

    /// Whether any leaf's vote is below zero.
    pub fn any_negative(&self) -> bool {
        self.weights.numbers.iter().any(|weight| *weight < 0.0)
    }

    /// The trees: in double precision if any of the lists is.
    ///
    /// # Errors
    /// `MODEL_INVALID` where the nodes are no trees.
    pub fn build(&self, targets: usize) -> Result<Trees> {
        let [trees, ids, features, yes, no, missing] = &self.nodes;
        let mut ensemble = Ensemble {
            targets,
            base_values: self.base_values.numbers.clone(),
            is_double: self.thresholds.is_double
                || self.weights.is_double
                || self.base_values.is_double,
            ..Ensemble::default()
        };
        let places = self.places()?;
        let order = self.order()?;
        let mut is_child = vec![false; places.len()];
        for (at, mode) in self.modes.iter().enumerate() {
            let Some(mode) = *mode else { continue };
            let (tree, id, feature) = (trees[at], ids[at], features[at]);
            let mut children = [Child::default(); 2];
            for (child, node) in children.iter_mut().zip([no[at], yes[at]]) {
                let place = self.find(&order, at, tree, node).ok_or_else(|| {
                    invalid(format!(
                        "Node {id} of tree {tree} leads to the node {node}, which is not there."
                    ))
                })?;
                is_child[place] = true;
                *child = places[place];
            }
            let feature = u32::try_from(feature)
                .map_err(|_| invalid(format!("A node looks at column {feature}.")))?;
            ensemble.push_branch(Branch {
                mode,
                missing: missing.get(at) == Some(&1),
                feature,
                threshold: self.thresholds.numbers[at],
                children,
            });
        }
        self.leaves(&mut ensemble, &places, &order)?;
        // Each tree begins at the one node that no other leads to; trees are in the order of the
        // nodes.
        let is_root = |at: &usize| !is_child[*at];
        ensemble.roots = (0..places.len()).filter(is_root).map(|at| places[at]).collect();
        let mut last = None;
        for at in order.into_iter().filter(is_root) {
            if last.replace(trees[at]) == Some(trees[at]) {
                return Err(invalid(format!("Tree {} has two roots.", trees[at])));
            }
        }
        ensemble.check()?;
        Ok(Trees::new(ensemble))
    }

    /// The number of each node among the branches or the leaves.
    fn places(&self) -> Result<Vec<Child>> {
        let mut counts = [0; 2];
        let place = |mode: &Option<Mode>| {
            let count = &mut counts[usize::from(mode.is_some())];
            *count += 1;
            let number = *count - 1;
            Child::new(if mode.is_some() { Place::Branch(number) } else { Place::Leaf(number) })
        };
        self.modes.iter().map(place).collect()
    }

    /// A node's name.
    fn name(&self, at: usize) -> Option<(i64, i64)> {
        let [trees, ids, ..] = &self.nodes;
        Some((*trees.get(at)?, *ids.get(at)?))
    }

    /// The nodes in the order of their names.
    fn order(&self) -> Result<Vec<usize>> {
        let mut order: Vec<usize> = (0..self.modes.len()).collect();
        let name = |at: &usize| self.name(*at);
        if !order.is_sorted_by_key(name) {
            order.sort_unstable_by_key(name);
        }
        for pair in order.windows(2) {
            if let Some((tree, id)) = name(&pair[0]).filter(|held| Some(*held) == name(&pair[1])) {
                return Err(invalid(format!("Tree {tree} has two nodes {id}.")));
            }
        }
        Ok(order)
    }

    /// The position of the node of that name. Most files have a tree's nodes one behind the other,
    /// without a gap in their numbers: it is expected as far from the node at `hint` as these are apart.
    fn find(&self, order: &[usize], hint: usize, tree: i64, node: i64) -> Option<usize> {
        let held = self.name(hint).map_or(0, |(_, id)| id);
        let guess = hint.wrapping_add(node.wrapping_sub(held) as usize);
        let name = Some((tree, node));
        if self.name(guess) == name {
            return Some(guess);
        }
        let found = order.binary_search_by_key(&name, |at| self.name(*at)).ok()?;
        order.get(found).copied()
    }

    /// Appends the leaves with their votes. Votes of branches, which old converters wrote, count
    /// for nothing; so do, as onnxruntime has it, all of a leaf's votes but the first where there
    /// is one target: skl2onnx leaves one a class where it makes leaves answer their numbers.
    fn leaves(&self, ensemble: &mut Ensemble, places: &[Child], order: &[usize]) -> Result<()> {
        let [trees, nodes, targets] = &self.votes;
        // The leaf's number, and behind it the vote's.
        let mut votes: Vec<u64> = Vec::with_capacity(trees.len());
        let mut last = 0;
        for (vote, (tree, node)) in trees.iter().zip(nodes).enumerate() {
            last = self.find(order, last, *tree, *node).ok_or_else(|| {
                invalid(format!("Node {node} of tree {tree} votes, and is not there."))
            })?;
            if let Place::Leaf(leaf) = places[last].place() {
                votes.push((leaf as u64) << 32 | vote as u64);
            }
        }
        if !votes.is_sorted() {
            votes.sort_unstable();
        }
        let mut votes = votes.into_iter().peekable();
        let leaves = self.modes.iter().filter(|mode| mode.is_none());
        for (leaf, _) in leaves.enumerate() {
            ensemble.push_leaf();
            let mut is_counted = true;
            while let Some(vote) = votes.next_if(|vote| (vote >> 32) as usize == leaf) {
                let vote = vote as u32 as usize;
                if is_counted {
                    ensemble.push_vote(targets[vote], self.weights.numbers[vote])?;
                }
                is_counted = ensemble.targets > 1;
            }
        }
        Ok(())
    }
}

fn mode(name: &str) -> Result<Option<Mode>> {
    const NAMES: [&str; 6] =
        ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];
    match Mode::ALL.iter().zip(NAMES).find(|(_, held)| *held == name) {
        Some((mode, _)) => Ok(Some(*mode)),
        None if name == "LEAF" => Ok(None),
        None => Err(invalid(format!("There are no nodes of the mode {name}."))),
    }
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
