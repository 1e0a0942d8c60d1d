//! What an untrusted model may ask for.

use serde::{Deserialize, Serialize};

/// Upper bounds that are checked before an engine sees a model. `Default` suits models of a few
/// hundred megabytes; lower the numbers where strangers choose the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the file. Default 256 MiB.
    pub max_bytes: u64,
    /// Nodes of the graph, those of its subgraphs included. Default 50,000.
    pub max_nodes: u64,
    /// How deep subgraphs (`If`, `Loop`, `Scan`) nest. Default 8.
    pub max_subgraph_depth: u64,
    /// Dimensions of a tensor. Default 8.
    pub max_rank: u64,
    /// Elements of a single tensor, counted in 64 bits. Default 2^28.
    pub max_elements: u64,
    /// Bytes of everything that is decoded from the file, and of all tensors that one run makes
    /// with sizes known beforehand. Default 1 GiB.
    pub max_tensor_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_bytes: 256 << 20,
            max_nodes: 50_000,
            max_subgraph_depth: 8,
            max_rank: 8,
            max_elements: 1 << 28,
            max_tensor_bytes: 1 << 30,
        }
    }
}
