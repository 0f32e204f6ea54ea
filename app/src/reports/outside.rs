//! What may leave the house: the same sections without names and without small groups. Separate because it must hold
//! whatever is counted, and is tested by trying to work the groups out again.
//!
//! A small group is not told ([`Number::Fewer`]). Where the total of its table would give it away, further groups are
//! held back ([`Number::Withheld`]) until what is missing could be more than one thing, group by group, and is together
//! no small group itself. Where that cannot be reached, none of the table's groups is told.
//!
//! Numbers that stand in several tables fall the same way in each, because the same rule meets the same groups; the one
//! exception, how many completed, is carried from its first table on.

use super::{Kind, Median, Number, Rating, Row, Section, Table, Value};

/// How a count of a table is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hide {
    Shown,
    Fewer,
    Withheld,
}

/// The sections as they may leave the house, with nothing told of groups under `under`.
pub fn outside(sections: Vec<Section>, under: u32) -> Vec<Section> {
    let mut completed = None;
    sections
        .into_iter()
        .map(|section| {
            let open = section.tables.into_iter().filter(|table| !table.inside);
            let tables = open.map(|table| tell(table, under, &mut completed)).collect();
            Section { tables, ..section }
        })
        .collect()
}

/// The threshold that holds for a setting: "fewer than 2" would tell of a group of one that it is one.
pub fn threshold(setting: i64) -> u32 {
    match u32::try_from(setting).unwrap_or(0) {
        0 | 1 => 0,
        2 => 3,
        more => more,
    }
}

/// Whether a group is so small that it is not told. Nobody is no group.
pub fn small(number: u32, under: u32) -> bool {
    (1..under).contains(&number)
}

/// `completed` is whether the number of those who completed is told, once the table that says so was met.
fn tell(table: Table, under: u32, completed: &mut Option<bool>) -> Table {
    let mut table = table;
    match table.kind {
        Kind::Parts => {
            let first = completed.is_none();
            parts(&mut table, under, first);
            if first {
                *completed = Some(table.rows.first().and_then(told).is_some());
            }
        }
        Kind::Rates => rates(&mut table, under, completed.unwrap_or(false)),
        Kind::Steps => steps(&mut table, under),
        Kind::Answers => answers(&mut table, under),
        Kind::Each => table.rows.iter_mut().chain(&mut table.total).for_each(|row| row.value = alone(row.value, under)),
    }
    for row in table.rows.iter_mut().chain(&mut table.total) {
        row.days = row.days.map(|days| if is_told(&row.value) { median(days, under) } else { WITHHELD });
    }
    table
}

const WITHHELD: Median = Median { days: None, on: Number::Withheld };

fn told(row: &Row) -> Option<u32> {
    row.value.number().and_then(Number::told)
}

fn is_told(value: &Value) -> bool {
    value.number().is_none_or(|number| number.told().is_some())
}

/// A median of so few is nobody's business; and that there are none to take one of is told.
fn median(median: Median, under: u32) -> Median {
    match median.on {
        Number::Told(on) if !small(on, under) => median,
        Number::Told(_) => Median { days: None, on: Number::Fewer(under) },
        hidden => Median { days: None, on: hidden },
    }
}

/// A mean of so few is nobody's business. How many they are is never told: of two tables of almost the same people it would
/// tell the rest.
fn rating_of(rating: Rating, under: u32) -> Rating {
    match rating.on {
        Number::Told(0) => rating,
        Number::Told(on) if !small(on, under) => Rating { on: Number::Withheld, ..rating },
        Number::Told(_) => Rating { mean: None, on: Number::Fewer(under), ..rating },
        hidden => Rating { mean: None, on: hidden, ..rating },
    }
}

fn number(number: u32, hide: Hide, under: u32) -> Number {
    match hide {
        Hide::Shown => Number::Told(number),
        Hide::Fewer => Number::Fewer(under),
        Hide::Withheld => Number::Withheld,
    }
}

/// A value that hangs together with no other.
pub fn alone(value: Value, under: u32) -> Value {
    match value {
        Value::Count(Number::Told(count)) => Value::Count(single(count, under)),
        Value::Part { count: Number::Told(count), of: Number::Told(of) } => {
            let (count, of) = pair(count, of, under);
            Value::Part { count, of }
        }
        Value::Rate { part: Number::Told(part), of: Number::Told(of) } => {
            let (part, of) = pair(part, of, under);
            Value::Rate { part, of }
        }
        Value::Days(days) => Value::Days(median(days, under)),
        Value::Rating(rating) => Value::Rating(rating_of(rating, under)),
        other => other,
    }
}

fn single(count: u32, under: u32) -> Number {
    number(count, if small(count, under) { Hide::Fewer } else { Hide::Shown }, under)
}

/// Some of a group: neither they nor the others may be few.
fn pair(part: u32, of: u32, under: u32) -> (Number, Number) {
    if small(of, under) {
        return (Number::Withheld, Number::Fewer(under));
    }
    let shown = if small(part, under) {
        Number::Fewer(under)
    } else if small(of.saturating_sub(part), under) {
        Number::Withheld
    } else {
        Number::Told(part)
    };
    (shown, Number::Told(of))
}

/// Groups that add up. `keep_first`: the first group is held back last.
fn parts(table: &mut Table, under: u32, keep_first: bool) {
    let counts: Vec<u32> = table.rows.iter().filter_map(told).collect();
    let total = table.total.as_ref().map(|row| alone(row.value, under));
    let sum_told = total.as_ref().is_some_and(is_told);
    let keep = keep_first.then_some(0);
    match hide_parts(&counts, keep, under).filter(|_| sum_told) {
        None => table.rows = vec![no_group(Value::Count(Number::Withheld))],
        Some(hidden) => {
            for ((row, count), hide) in table.rows.iter_mut().zip(counts).zip(hidden) {
                row.value = with_count(row.value, number(count, hide, under), under);
            }
        }
    }
    if let (Some(row), Some(total)) = (&mut table.total, total) {
        row.value = total;
    }
}

/// Stands for all groups of a table of which none may be told: even how many there are would tell of them.
fn no_group(value: Value) -> Row {
    Row { group: "Every group".to_owned(), definition: "", value, days: None, before: None }
}

fn with_count(value: Value, count: Number, under: u32) -> Value {
    match value {
        Value::Count(_) => Value::Count(count),
        Value::Part { of: Number::Told(of), .. } => Value::Part { count, of: single(of, under) },
        other => other,
    }
}

/// Which groups of a told total are not told; `None` when nothing less than all of them would do.
fn hide_parts(counts: &[u32], keep: Option<usize>, under: u32) -> Option<Vec<Hide>> {
    let mut hidden: Vec<Hide> =
        counts.iter().map(|count| if small(*count, under) { Hide::Fewer } else { Hide::Shown }).collect();
    while !parts_are_safe(counts, &hidden, under) {
        let next = smallest(counts, &hidden, |at| Some(at) != keep).or_else(|| smallest(counts, &hidden, |_| true))?;
        if let Some(hide) = hidden.get_mut(next) {
            *hide = Hide::Withheld;
        }
    }
    Some(hidden)
}

/// The smallest group that is told and not empty.
fn smallest(counts: &[u32], hidden: &[Hide], may: impl Fn(usize) -> bool) -> Option<usize> {
    let shown = counts.iter().zip(hidden).enumerate();
    let shown = shown.filter(|(at, (count, hide))| **hide == Hide::Shown && **count > 0 && may(*at));
    shown.min_by_key(|(_, (count, _))| **count).map(|(at, _)| at)
}

/// Whether someone who knows the total, the rule and what is shown cannot tell any hidden group.
fn parts_are_safe(counts: &[u32], hidden: &[Hide], under: u32) -> bool {
    let cells: Vec<Cell> = counts
        .iter()
        .zip(hidden)
        .filter(|(_, hide)| **hide != Hide::Shown)
        .map(|(count, hide)| match hide {
            Hide::Fewer => Cell { least: 1, most: under - 1, is: *count },
            _ => Cell { least: under, most: u32::MAX, is: *count },
        })
        .collect();
    cells.is_empty() || sum(&cells) >= u64::from(under) && all_open(&cells)
}

/// A hidden count: what it can be at least and at most by what is said of it, and what it is.
struct Cell {
    least: u32,
    most: u32,
    is: u32,
}

fn sum(cells: &[Cell]) -> u64 {
    cells.iter().map(|cell| u64::from(cell.is)).sum()
}

/// Whether each of them could be at least two things, with their sum known.
fn all_open(cells: &[Cell]) -> bool {
    let sum = sum(cells);
    let least: u64 = cells.iter().map(|cell| u64::from(cell.least)).sum();
    let most: u64 = cells.iter().map(|cell| u64::from(cell.most)).sum();
    cells.iter().all(|cell| {
        let others_least = least - u64::from(cell.least);
        let others_most = most - u64::from(cell.most);
        let from = u64::from(cell.least).max(sum.saturating_sub(others_most));
        let to = u64::from(cell.most).min(sum.saturating_sub(others_least));
        from < to
    })
}

/// Groups of which so many did something. `sum_told`: whether the sum of those may be told.
fn rates(table: &mut Table, under: u32, sum_told: bool) {
    let pairs: Vec<(u32, u32)> = table.rows.iter().filter_map(of_rate).collect();
    let sizes: Vec<u32> = pairs.iter().map(|(_, of)| *of).collect();
    let (sum, all) = (pairs.iter().map(|(part, _)| part).sum(), sizes.iter().sum());
    let (told_sum, told_all) = pair(sum, all, under);
    let sum_told = sum_told && told_sum.told().is_some();
    match hide_parts(&sizes, None, under).filter(|_| told_all.told().is_some()) {
        None => table.rows = vec![no_group(Value::Rate { part: Number::Withheld, of: Number::Withheld })],
        Some(sizes_hidden) => {
            let hidden = if sum_told { hide_rates(&pairs, &sizes_hidden, under) } else { vec![true; pairs.len()] };
            for (((row, (part, of)), size), hide) in table.rows.iter_mut().zip(&pairs).zip(sizes_hidden).zip(hidden) {
                let part = if hide { Number::Withheld } else { Number::Told(*part) };
                row.value = Value::Rate { part, of: number(*of, size, under) };
            }
        }
    }
    if let Some(row) = &mut table.total {
        let part = if sum_told || matches!(told_sum, Number::Fewer(_)) { told_sum } else { Number::Withheld };
        row.value = Value::Rate { part, of: told_all };
    }
}

fn of_rate(row: &Row) -> Option<(u32, u32)> {
    match row.value {
        Value::Rate { part, of } => part.told().zip(of.told()),
        _ => None,
    }
}

/// Of which groups it is not told how many did it, with the sum of those told.
fn hide_rates(pairs: &[(u32, u32)], sizes: &[Hide], under: u32) -> Vec<bool> {
    // Where nobody did, the total has said so of everyone.
    if pairs.iter().all(|(part, _)| *part == 0) {
        return vec![false; pairs.len()];
    }
    let few = |(part, of): &(u32, u32)| small(*part, under) || small(of.saturating_sub(*part), under);
    let mut hidden: Vec<bool> = pairs.iter().zip(sizes).map(|(pair, size)| *size != Hide::Shown || few(pair)).collect();
    while !rates_are_safe(pairs, sizes, &hidden, under) {
        let shown = pairs.iter().zip(&hidden).enumerate().filter(|(_, ((_, of), hide))| !**hide && *of > 0);
        match shown.min_by_key(|(_, ((_, of), _))| *of).map(|(at, _)| at).and_then(|at| hidden.get_mut(at)) {
            Some(hide) => *hide = true,
            None => return vec![true; pairs.len()],
        }
    }
    hidden
}

fn rates_are_safe(pairs: &[(u32, u32)], sizes: &[Hide], hidden: &[bool], under: u32) -> bool {
    let rows = || pairs.iter().zip(sizes).zip(hidden).filter(|(_, hide)| **hide).map(|(pair, _)| pair);
    let cells: Vec<Cell> = rows()
        .map(|((part, of), size)| match size {
            Hide::Shown => Cell { least: 0, most: *of, is: *part },
            Hide::Fewer => Cell { least: 0, most: under - 1, is: *part },
            Hide::Withheld => Cell { least: 0, most: u32::MAX, is: *part },
        })
        .collect();
    let (did, all) = (sum(&cells), rows().map(|((_, of), _)| u64::from(*of)).sum::<u64>());
    let many = |number: u64| number == 0 || number >= u64::from(under);
    cells.is_empty() || many(did) && many(all - did) && all_open(&cells)
}

/// Counts that only fall: neither a count nor the fall from the last one told may be small. The first is of everybody.
fn steps(table: &mut Table, under: u32) {
    let counts: Vec<u32> = table.rows.iter().filter_map(told).collect();
    let all = counts.first().copied().unwrap_or(0);
    let mut last = all;
    for (row, count) in table.rows.iter_mut().zip(counts) {
        let part = if small(all, under) {
            Number::Withheld
        } else if small(count, under) {
            Number::Fewer(under)
        } else if small(last.saturating_sub(count), under) {
            Number::Withheld
        } else {
            last = count;
            Number::Told(count)
        };
        let of = single(all, under);
        row.value = if let Value::Rate { .. } = row.value { Value::Rate { part, of } } else { Value::Count(of) };
    }
}

/// Answers of those who answered. That somebody did not answer says nothing about them, so the silent may be few.
fn answers(table: &mut Table, under: u32) {
    let few =
        table.rows.first().and_then(of_rate).is_none_or(|(answered, asked)| small(answered, under) || small(asked, under));
    for (at, row) in table.rows.iter_mut().enumerate() {
        let Some((part, of)) = of_rate(row) else { continue };
        let (part, of) = match (at, few) {
            (0, _) if small(of, under) => (Number::Withheld, Number::Fewer(under)),
            (0, _) => (single(part, under), Number::Told(of)),
            (_, true) => (Number::Withheld, Number::Withheld),
            (_, false) => pair(part, of, under),
        };
        row.value = Value::Rate { part, of };
    }
}
