//! Checks the trees of `TreeEnsembleClassifier` and `TreeEnsembleRegressor` (ai.onnx.ml 1 and 3),
//! which engines walk without looking: every child is a node of its tree, no walk comes back to
//! where it was, and every vote is a leaf's, for a class that there is.

use std::collections::{HashMap, HashSet};

use super::proto::Node;
use crate::error::{Code, Error, Result};

/// Checks one node; any but a tree ensemble passes.
///
/// # Errors
/// `MODEL_INVALID` where its lists contradict each other.
pub fn check(node: &Node) -> Result<()> {
    let votes = match (node.domain(), &*node.op_type) {
        ("ai.onnx.ml", "TreeEnsembleClassifier") => "class",
        ("ai.onnx.ml", "TreeEnsembleRegressor") => "target",
        _ => return Ok(()),
    };
    wrong(node, votes).map_or(Ok(()), |why| {
        Err(Error::new(
            Code::ModelInvalid,
            format!(
                "The trees of the node `{}` are broken: {why}. Export the model again.",
                node.label()
            ),
        )
        .with("node", node.label())
        .with("operator", node.operator()))
    })
}

fn wrong(node: &Node, votes: &str) -> Option<String> {
    let ints = |name: &str| node.ints(name).unwrap_or_default();
    let (trees, ids) = (ints("nodes_treeids"), ints("nodes_nodeids"));
    let (yes, no) = (ints("nodes_truenodeids"), ints("nodes_falsenodeids"));
    let modes = node.strings("nodes_modes").unwrap_or_default();
    let features = ints("nodes_featureids");
    if [ids.len(), yes.len(), no.len(), modes.len(), features.len()] != [trees.len(); 5] {
        return Some("the lists of nodes differ in length".to_owned());
    }
    let mut places = HashMap::with_capacity(ids.len());
    for (place, key) in trees.iter().zip(ids).enumerate() {
        if places.insert(key, place).is_some() {
            return Some(format!("tree {} has two nodes {}", key.0, key.1));
        }
    }
    if features.iter().any(|feature| *feature < 0) {
        return Some("a node looks at a feature of a negative number".to_owned());
    }
    // How many ways lead to each node. Nodes that nothing leads to are taken away with their ways,
    // until none is left; what remains leads in a circle.
    let mut ways = vec![0usize; ids.len()];
    let mut children = vec![];
    for (place, mode) in modes.iter().enumerate() {
        let leads_to = if mode == "LEAF" { &[][..] } else { &[yes[place], no[place]] };
        for child in leads_to {
            let Some(&child_place) = places.get(&(&trees[place], child)) else {
                return Some(format!(
                    "node {} of tree {} ({mode}) leads to the node {child}, which is not there",
                    ids[place], trees[place]
                ));
            };
            ways[child_place] += 1;
            children.push((place, child_place));
        }
    }
    let mut open: Vec<usize> = (0..ids.len()).filter(|place| ways[*place] == 0).collect();
    let mut roots = HashSet::new();
    if let Some(place) = open.iter().find(|place| !roots.insert(trees[**place])) {
        return Some(format!("tree {} has two roots", trees[*place]));
    }
    let mut taken = 0;
    while let Some(place) = open.pop() {
        taken += 1;
        let first = children.partition_point(|(parent, _)| *parent < place);
        for (_, child) in children[first..].iter().take_while(|(parent, _)| *parent == place) {
            ways[*child] -= 1;
            if ways[*child] == 0 {
                open.push(*child);
            }
        }
    }
    if taken != ids.len() {
        return Some("nodes lead in a circle".to_owned());
    }
    let list = |name: &str| ints(&format!("{votes}_{name}"));
    let (vote_trees, vote_nodes, classes) = (list("treeids"), list("nodeids"), list("ids"));
    if [vote_nodes.len(), classes.len()] != [vote_trees.len(); 2] {
        return Some("the lists of votes differ in length".to_owned());
    }
    for key in vote_trees.iter().zip(vote_nodes) {
        if places.get(&key).is_none_or(|place| modes[*place] != "LEAF") {
            return Some(format!("node {} of tree {} votes, and is no leaf", key.1, key.0));
        }
    }
    let count = match votes {
        "class" => super::rewrite::class_labels(node).map_or(0, |labels| labels.len() as i64),
        _ => node.int("n_targets").unwrap_or(1),
    };
    classes
        .iter()
        .find(|class| !(0..count).contains(*class))
        .map(|class| format!("a leaf votes for number {class} of {count}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{Attribute, AttributeValue};

    /// Two branches and three leaves: 0 → 1 | 2, 2 → 3 | 4.
    fn tree(name: &str, values: &[i64]) -> Node {
        let lists: [(&str, &[i64]); 9] = [
            ("nodes_treeids", &[0; 5]),
            ("nodes_nodeids", &[0, 1, 2, 3, 4]),
            ("nodes_featureids", &[0, 0, 1, 0, 0]),
            ("nodes_truenodeids", &[1, 0, 3, 0, 0]),
            ("nodes_falsenodeids", &[2, 0, 4, 0, 0]),
            ("class_treeids", &[0, 0, 0]),
            ("class_nodeids", &[1, 3, 4]),
            ("class_ids", &[0, 1, 2]),
            ("classlabels_int64s", &[10, 20, 30]),
        ];
        let mut attributes: Vec<Attribute> = lists
            .into_iter()
            .map(|(key, usual)| Attribute {
                name: key.into(),
                value: AttributeValue::Ints(if key == name { values } else { usual }.to_vec()),
            })
            .collect();
        let modes = ["BRANCH_LEQ", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"];
        attributes.push(Attribute {
            name: "nodes_modes".into(),
            value: AttributeValue::Strings(modes.map(|mode| mode.as_bytes().to_vec()).to_vec()),
        });
        Node {
            op_type: "TreeEnsembleClassifier".into(),
            domain: "ai.onnx.ml".into(),
            outputs: vec!["label".into()],
            attributes,
            ..Node::default()
        }
    }

    #[test]
    fn a_whole_tree_passes() {
        check(&tree("", &[])).unwrap();
    }

    /// Converters write membership in a set as comparisons whose true branches meet.
    #[test]
    fn ways_may_meet() {
        let mut meeting = tree("nodes_truenodeids", &[1, 0, 1, 0, 0]);
        for attribute in &mut meeting.attributes {
            // Node 3, which nothing leads to now, is a tree of its own.
            let values: &[i64] = match &*attribute.name {
                "nodes_treeids" => &[0, 0, 0, 1, 0],
                "class_treeids" => &[0, 1, 0],
                _ => continue,
            };
            attribute.value = AttributeValue::Ints(values.to_vec());
        }
        check(&meeting).unwrap();
    }

    #[test]
    fn broken_trees_are_named() {
        for (list, values, why) in [
            ("nodes_truenodeids", &[1, 0, 0, 0, 0][..], "circle"),
            ("nodes_truenodeids", &[1, 0, 2, 0, 0], "two roots"),
            ("nodes_falsenodeids", &[99, 0, 4, 0, 0], "node 99"),
            ("nodes_falsenodeids", &[-1, 0, 4, 0, 0], "node -1"),
            ("nodes_falsenodeids", &[1, 0, 4, 0, 0], "two roots"),
            ("nodes_falsenodeids", &[2, 0, 4, 0], "differ in length"),
            ("nodes_nodeids", &[0, 1, 2, 3, 3], "two nodes 3"),
            ("nodes_featureids", &[-1, 0, 1, 0, 0], "negative"),
            ("class_nodeids", &[0, 3, 4], "no leaf"),
            ("class_ids", &[0, 1, 3], "number 3 of 3"),
            ("class_ids", &[0, 1, 2_000_000_000], "number 2000000000"),
        ] {
            let error = check(&tree(list, values)).unwrap_err();
            assert_eq!(error.code(), Code::ModelInvalid);
            assert!(error.message().contains(why), "{why}: {error}");
        }
    }
}
