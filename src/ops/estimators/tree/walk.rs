//! Lays trees out for walks.

use super::shape::{Node, Shape};
use super::votes::Votes;
use predikt_kernels::trees::walk::{Step, TOP, TOP_LEVELS, Top, Walk};

const MOST_LEAVES: usize = 1 << 22;

/// The trees in this layout; `None` where it has no place for them.
pub fn new(shape: &Shape, votes: &Votes) -> Option<Walk> {
    if shape.leaves.len() >= MOST_LEAVES {
        return None;
    }
    let columns = Columns::new(shape)?;
    let mut nodes = Vec::with_capacity(shape.nodes.len() + 1);
    let mut roots = vec![];
    let depths = shape.depths();
    let are_deep = depths.iter().sum::<u32>() > depths.len() as u32 * TOP_LEVELS;
    let mut tops = vec![];
    let mut order = vec![];
    for root in &shape.roots {
        let first = u32::try_from(nodes.len()).ok()?;
        push_tree(shape, &columns, *root, &mut order, &mut nodes)?;
        roots.push(first);
        if are_deep {
            tops.push(top(shape, &columns, *root, first, &order));
        }
    }
    // Trees are walked through in fours: these are filled up with a leaf.
    let none = u32::try_from(nodes.len()).ok()?;
    roots.resize(roots.len().next_multiple_of(4), none);
    nodes.push(Step::leaf(0));
    Some(Walk {
        nodes,
        columns: columns.all,
        has_opposites: columns.has_opposites,
        roots,
        depths,
        tops,
        weights: votes.lay_out(shape, 0..shape.roots.len(), 0, true),
        targets: votes.targets(),
        width: shape.width,
    })
}

/// The columns that steps look at.
struct Columns {
    /// A feature, and what it is multiplied with.
    all: Vec<(u16, f32)>,
    /// The number of each feature's column, and of that of its opposites.
    numbers: [Vec<u16>; 2],
    has_opposites: bool,
}

impl Columns {
    /// `None` where there are too many.
    fn new(shape: &Shape) -> Option<Self> {
        let mut numbers = [0, 1].map(|_| vec![0; shape.width]);
        let mut has_opposites = false;
        for node in shape.nodes.iter().filter(|node| !node.is_leaf()) {
            numbers[usize::from(node.missing)][node.feature as usize] = 1;
            has_opposites |= node.missing;
        }
        let mut all = vec![];
        for (numbers, sign) in numbers.iter_mut().zip([1.0, -1.0]) {
            for (feature, number) in numbers.iter_mut().enumerate() {
                // Without opposites columns are the features.
                if *number == 1 || (!has_opposites && sign > 0.0) {
                    *number = u16::try_from(all.len()).ok()?;
                    all.push((u16::try_from(feature).ok()?, sign));
                }
            }
        }
        Some(Columns { all, numbers, has_opposites })
    }

    /// A branch's column, threshold, and children: of a comparison that does not hold, of one that does. Where
    /// NaN goes where a comparison that holds goes, the opposite comparison is made, of the opposites.
    fn step(&self, shape: &Shape, node: usize) -> Option<(u16, f32, [usize; 2])> {
        let Node { feature, threshold, missing, other: no, .. } = shape.nodes[node];
        if no == 0 {
            return None;
        }
        let column = self.numbers[usize::from(missing)][feature as usize];
        let yes = node + 1;
        if !missing {
            return Some((column, threshold, [no, yes]));
        }
        let threshold = match () {
            // No number is at most NaN: the opposites of all are at most infinity. And the other way round.
            () if threshold.is_nan() => f32::INFINITY,
            () if threshold == f32::INFINITY => f32::NAN,
            () => (-threshold).next_down(),
        };
        Some((column, threshold, [yes, no]))
    }
}

/// Level by level; two children are side by side. `order` is memory that is used again.
fn push_tree(
    shape: &Shape,
    columns: &Columns,
    root: usize,
    order: &mut Vec<usize>,
    nodes: &mut Vec<Step>,
) -> Option<()> {
    order.clear();
    order.push(root);
    let mut at = 0;
    while let Some(&node) = order.get(at) {
        nodes.push(match columns.step(shape, node) {
            None => Step::leaf(shape.nodes[node].leaves as u32),
            Some((column, threshold, children)) => {
                let next = u16::try_from(order.len() - at).ok()?;
                order.extend(children);
                Step::branch(threshold, column, next)
            }
        });
        at += 1;
    }
    Some(())
}

/// A tree's first levels. Its nodes are in that order, from number `start` on.
fn top(shape: &Shape, columns: &Columns, root: usize, start: u32, order: &[usize]) -> Top {
    let mut top = Top { columns: [0; TOP], thresholds: [f32::NAN; TOP], below: [0; TOP + 1] };
    let mut at = [root; 2 * TOP + 1];
    for number in 0..TOP {
        let mut below = [at[number]; 2];
        if let Some((column, threshold, children)) = columns.step(shape, at[number]) {
            top.columns[number] = column;
            top.thresholds[number] = threshold;
            below = children;
        }
        at[2 * number + 1..][..2].copy_from_slice(&below);
    }
    for (below, node) in top.below.iter_mut().zip(&at[TOP..]) {
        // There are no more nodes than numbers on these levels and the next.
        let mut nodes = order.iter().take(2 * TOP + 1);
        *below = start + nodes.position(|other| other == node).unwrap_or(0) as u32;
    }
    top
}
