//! Products of row-major matrices of binary32.
//!
//! In which order a number is added up does not depend on how many rows there are: a row alone has
//! the answer that it has among others.

use crate::lanes::F4;
use crate::linear::dot;

/// Rows and columns of the tile whose sums stay in registers.
const TILE: [usize; 2] = [4, 8];
/// How much of the depth is packed at a time: a panel of that many rows of a tile stays in the
/// first cache.
const DEPTH: usize = 256;

type Row = [F4; 2];

/// Packs rows and columns of the second matrix into a panel, from a row and a column on, so many.
type Fill<'f> = &'f mut dyn FnMut(&mut [[f32; 8]], [usize; 2], [usize; 2]);

/// Adds to `out` (rows × columns) the product of `a` (rows × depth) and `b` (depth × columns).
#[inline(never)]
pub fn add_product(a: &[f32], b: &[f32], out: &mut [f32], depth: usize, columns: usize) {
    if depth == 0 || columns == 0 {
        return;
    }
    if columns == 1 {
        a.chunks_exact(depth).zip(out).for_each(|(row, out)| *out += dot(row, b));
        return;
    }
    let whole = tiles(a, out, depth, columns, &mut |panel, [first, column], [high, wide]| {
        for (row, packed) in b.chunks_exact(columns).skip(first).take(high).zip(panel) {
            pack(&row[column..column + wide], packed);
        }
    });
    let rest = out.chunks_exact_mut(columns).skip(whole);
    for (row, out) in a.chunks_exact(depth).skip(whole).zip(rest) {
        add_row(row, b, out);
    }
}

/// As [`add_product`], with the transpose of `b` (columns × depth).
#[inline(never)]
pub fn add_product_transposed(a: &[f32], b: &[f32], out: &mut [f32], depth: usize, columns: usize) {
    if depth == 0 || columns == 0 {
        return;
    }
    if columns == 1 {
        return add_product(a, b, out, depth, columns);
    }
    let whole = tiles(a, out, depth, columns, &mut |panel, [first, column], [high, wide]| {
        let rows = b.chunks_exact(depth).skip(column).take(wide);
        for (lane, row) in rows.enumerate() {
            for (value, packed) in row[first..first + high].iter().zip(panel.iter_mut()) {
                packed[lane] = *value;
            }
        }
        for packed in panel.iter_mut().take(high) {
            packed[wide..].fill(0.0);
        }
    });
    let rest = out.chunks_exact_mut(columns).skip(whole);
    for (row, out) in a.chunks_exact(depth).skip(whole).zip(rest) {
        add_row_transposed(row, b, out);
    }
}

/// The tiles of whole fours of rows, of which it answers how many there are.
#[inline(never)]
fn tiles(a: &[f32], out: &mut [f32], depth: usize, columns: usize, fill: Fill<'_>) -> usize {
    let [tall, wide] = TILE;
    let rows = (a.len() / depth).min(out.len() / columns);
    let whole = rows - rows % tall;
    if whole == 0 {
        return 0;
    }
    let mut panel = [[0.0; 8]; DEPTH];
    for first in (0..depth).step_by(DEPTH) {
        let high = DEPTH.min(depth - first);
        for column in (0..columns).step_by(wide) {
            let wide = wide.min(columns - column);
            fill(&mut panel, [first, column], [high, wide]);
            let fours = a.chunks_exact(tall * depth).zip(out.chunks_exact_mut(tall * columns));
            for (rows, out) in fours {
                add_tile(rows, &panel[..high], out, [depth, columns], [first, column, wide]);
            }
        }
    }
    whole
}

fn pack(row: &[f32], packed: &mut [f32; 8]) {
    let (values, rest) = packed.split_at_mut(row.len().min(8));
    values.copy_from_slice(row);
    rest.fill(0.0);
}

/// Adds to four rows of `wide` columns their product with a panel.
#[inline(always)]
fn add_tile(
    rows: &[f32],
    panel: &[[f32; 8]],
    out: &mut [f32],
    [depth, columns]: [usize; 2],
    [first, column, wide]: [usize; 3],
) {
    let of = |row: usize| &rows[row * depth + first..][..panel.len()];
    let (a0, a1, a2, a3) = (of(0), of(1), of(2), of(3));
    let mut sums: [Row; 4] = std::array::from_fn(|row| {
        let mut held = [0.0; 8];
        pack(&out[row * columns + column..][..wide], &mut held);
        halves(&held)
    });
    for ((((b, a0), a1), a2), a3) in panel.iter().zip(a0).zip(a1).zip(a2).zip(a3) {
        let [low, high] = halves(b);
        for (sum, a) in sums.iter_mut().zip([a0, a1, a2, a3]) {
            let a = F4::splat(*a);
            *sum = [sum[0].plus(a.times(low)), sum[1].plus(a.times(high))];
        }
    }
    for (row, sum) in sums.iter().enumerate() {
        let ([low, high], out) = (sum.map(F4::array), &mut out[row * columns + column..][..wide]);
        out.iter_mut().zip(low.iter().chain(&high)).for_each(|(out, sum)| *out = *sum);
    }
}

#[inline(always)]
fn halves([a, b, c, d, e, f, g, h]: &[f32; 8]) -> Row {
    [F4::new([*a, *b, *c, *d]), F4::new([*e, *f, *g, *h])]
}

/// Adds to a row the product of a row and a matrix, of which four rows are read at a time.
fn add_row(row: &[f32], b: &[f32], out: &mut [f32]) {
    let columns = out.len();
    let (fours, rest) = row.as_chunks::<4>();
    let mut blocks = b.chunks_exact(4 * columns);
    for (a, block) in fours.iter().zip(&mut blocks) {
        let (first, second) = block.split_at(2 * columns);
        let ((b0, b1), (b2, b3)) = (first.split_at(columns), second.split_at(columns));
        add_four(a, [b0, b1, b2, b3], out);
    }
    for (a, b) in rest.iter().zip(blocks.remainder().chunks_exact(columns)) {
        out.iter_mut().zip(b).for_each(|(out, b)| *out += a * b);
    }
}

#[inline(always)]
fn add_four(a: &[f32; 4], b: [&[f32]; 4], out: &mut [f32]) {
    let factors = a.map(F4::splat);
    let [(b0, c0), (b1, c1), (b2, c2), (b3, c3)] = b.map(|row| row.as_chunks::<4>());
    let (fours, rest) = out.as_chunks_mut::<4>();
    for ((((out, b0), b1), b2), b3) in fours.iter_mut().zip(b0).zip(b1).zip(b2).zip(b3) {
        let products = [b0, b1, b2, b3].map(|b| F4::new(*b)).into_iter().zip(factors);
        *out = products.fold(F4::new(*out), |sum, (b, a)| sum.plus(a.times(b))).array();
    }
    for ((((out, b0), b1), b2), b3) in rest.iter_mut().zip(c0).zip(c1).zip(c2).zip(c3) {
        *out = *out + a[0] * b0 + a[1] * b1 + a[2] * b2 + a[3] * b3;
    }
}

/// Adds to a row the product of a row and a transposed matrix, of which four rows are read at a
/// time.
fn add_row_transposed(row: &[f32], b: &[f32], out: &mut [f32]) {
    let depth = row.len();
    let mut fours = b.chunks_exact(4 * depth);
    let (whole, rest) = out.as_chunks_mut::<4>();
    for (out, four) in whole.iter_mut().zip(&mut fours) {
        let (first, second) = four.split_at(2 * depth);
        let ((b0, b1), (b2, b3)) = (first.split_at(depth), second.split_at(depth));
        let mut sum = F4::new(*out);
        for ((((a, b0), b1), b2), b3) in row.iter().zip(b0).zip(b1).zip(b2).zip(b3) {
            sum = sum.plus(F4::splat(*a).times(F4::new([*b0, *b1, *b2, *b3])));
        }
        *out = sum.array();
    }
    for (out, b) in rest.iter_mut().zip(fours.remainder().chunks_exact(depth)) {
        *out = row.iter().zip(b).fold(*out, |sum, (a, b)| sum + a * b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that add up without rounding.
    fn numbers(length: usize, factor: usize) -> Vec<f32> {
        (0..length).map(|n| ((n * factor) % 17) as f32 - 8.0).collect()
    }

    fn naive(a: &[f32], b: &[f32], depth: usize, columns: usize) -> Vec<f32> {
        let number = |row: &[f32], column: usize| {
            row.iter().enumerate().map(|(k, a)| a * b[k * columns + column]).sum()
        };
        a.chunks(depth)
            .flat_map(|row| (0..columns).map(|c| number(row, c)).collect::<Vec<_>>())
            .collect()
    }

    #[test]
    fn products_of_any_size() {
        for (rows, depth, columns) in [
            (1, 1, 1),
            (3, 4, 1),
            (2, 9, 1),
            (3, 7, 5),
            (4, 300, 3),
            (5, 8, 9),
            (13, 600, 21),
            (8, 256, 8),
        ] {
            let (a, b) = (numbers(rows * depth, 7), numbers(depth * columns, 5));
            let wanted = naive(&a, &b, depth, columns);
            let mut out = vec![0.0; rows * columns];
            add_product(&a, &b, &mut out, depth, columns);
            assert_eq!(out, wanted);
            let turned: Vec<f32> =
                (0..columns).flat_map(|c| b.iter().skip(c).step_by(columns).copied()).collect();
            let mut out = vec![0.0; rows * columns];
            add_product_transposed(&a, &turned, &mut out, depth, columns);
            assert_eq!(out, wanted);
        }
    }

    #[test]
    fn a_row_alone_has_the_answer_that_it_has_among_others() {
        let (rows, depth, columns) = (11, 270, 13);
        let wild = |length, factor| {
            numbers(length, factor).iter().map(|v| (v * 1.7).exp()).collect::<Vec<_>>()
        };
        let (a, b) = (wild(rows * depth, 7), wild(depth * columns, 5));
        for product in [add_product, add_product_transposed] {
            let mut all = vec![0.25; rows * columns];
            product(&a, &b, &mut all, depth, columns);
            for (row, all) in a.chunks(depth).zip(all.chunks(columns)) {
                let mut out = vec![0.25; columns];
                product(row, &b, &mut out, depth, columns);
                assert_eq!(out, all);
            }
        }
    }

    #[test]
    fn nothing_is_added_where_there_is_no_depth() {
        let mut out = [1.0; 2];
        add_product(&[], &[], &mut out, 0, 1);
        add_product_transposed(&[], &[], &mut out, 0, 2);
        assert_eq!(out, [1.0; 2]);
    }
}
