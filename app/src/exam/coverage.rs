//! The exam's content areas as a map: which chapters belong to each, and what of them is read and discussed. Separate because
//! it joins another body's areas to the book's chapters, by nothing but their titles.

use super::facts::Area;
use crate::enrollments::carry::normal;
use crate::study::ChapterProgress;

/// One area and the chapters of the mentee's outline that belong to it, by their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    pub chapters: Vec<usize>,
    pub read: usize,
    pub discussed: usize,
}

/// Each area in its order; and the chapters that no area names.
pub fn coverage(areas: &[Area], progress: &[ChapterProgress]) -> (Vec<Covered>, Vec<usize>) {
    let titles: Vec<String> = progress.iter().map(|one| normal(&one.chapter.title)).collect();
    let mut placed = vec![false; progress.len()];
    let covered = areas
        .iter()
        .map(|area| {
            let named: Vec<String> = area.chapters.iter().map(|title| normal(title)).collect();
            let chapters: Vec<usize> =
                titles.iter().enumerate().filter(|(_, title)| named.contains(title)).map(|(at, _)| at).collect();
            for at in &chapters {
                placed[*at] = true;
            }
            let count =
                |test: fn(&ChapterProgress) -> bool| chapters.iter().filter(|at| progress.get(**at).is_some_and(test)).count();
            Covered { read: count(ChapterProgress::is_read), discussed: count(ChapterProgress::is_discussed), chapters }
        })
        .collect();
    let rest = placed.iter().enumerate().filter(|(_, placed)| !**placed).map(|(at, _)| at).collect();
    (covered, rest)
}
