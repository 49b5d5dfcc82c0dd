//! Contenders who do the same work by turns, so that what else the machine does meets all of them; of their rounds the middle
//! figures count. Only figures of one run may be compared, so one table has them all.

use crate::measured::Cost;
use crate::table::{figure, heading, mib, row, say, seconds};

/// One who does the work; it has no cost where this machine lacks what it needs.
pub(crate) struct Contender<'a> {
    who: Who,
    work: Box<dyn FnMut() -> Option<Cost> + 'a>,
}

/// The program's goal is a part of the table, its rivals have none.
enum Who {
    Program { how: String, goal: &'static str },
    Pipes,
    Script,
}

impl<'a> Contender<'a> {
    pub(crate) fn program(how: &str, goal: &'static str, mut work: impl FnMut() -> Cost + 'a) -> Contender<'a> {
        Contender { who: Who::Program { how: how.to_owned(), goal }, work: Box::new(move || Some(work())) }
    }

    pub(crate) fn pipes(work: impl FnMut() -> Option<Cost> + 'a) -> Contender<'a> {
        Contender { who: Who::Pipes, work: Box::new(work) }
    }

    pub(crate) fn script(work: impl FnMut() -> Option<Cost> + 'a) -> Contender<'a> {
        Contender { who: Who::Script, work: Box::new(work) }
    }

    fn name(&self) -> String {
        match &self.who {
            Who::Program { how, .. } if how.is_empty() => "zoom2kaltura".to_owned(),
            Who::Program { how, .. } => format!("zoom2kaltura, {how}"),
            Who::Pipes => "curl | curl".to_owned(),
            Who::Script => "script".to_owned(),
        }
    }
}

/// A row of the last table.
pub(crate) struct Row {
    work: String,
    pieces: u64,
    program: Cost,
    pipes: Option<Cost>,
    script: Option<Cost>,
    goal: &'static str,
}

/// Lets all of them do `work`, which has so many pieces, in as many rounds.
pub(crate) fn race(work: &str, pieces: u64, rounds: usize, mut contenders: Vec<Contender<'_>>) -> Vec<Row> {
    heading(work, &["", "wall", "a second", "CPU", "memory", "written", "for each", "requests"]);
    let mut costs = vec![Vec::new(); contenders.len()];
    for _ in 0..rounds {
        for (contender, costs) in contenders.iter_mut().zip(&mut costs) {
            costs.extend((contender.work)());
        }
    }
    let medians: Vec<Option<Cost>> =
        costs.iter().map(|costs| (!costs.is_empty()).then(|| Cost::median(costs))).collect();
    for (contender, cost) in contenders.iter().zip(&medians) {
        tell(&contender.name(), *cost, pieces);
    }
    let rival = |wanted: fn(&Who) -> bool| {
        let found = contenders.iter().zip(&medians).find(|(contender, _)| wanted(&contender.who));
        found.and_then(|(_, cost)| *cost)
    };
    let pipes = rival(|who| matches!(who, Who::Pipes));
    let script = rival(|who| matches!(who, Who::Script));
    let ran = contenders.iter().zip(&medians).filter_map(|(contender, cost)| Some((contender, (*cost)?)));
    ran.filter_map(|(contender, program)| {
        let Who::Program { how, goal } = &contender.who else {
            return None;
        };
        let work = if how.is_empty() { work.to_owned() } else { format!("{work}, {how}") };
        Some(Row { work, pieces, program, pipes, script, goal })
    })
    .collect()
}

fn tell(name: &str, cost: Option<Cost>, pieces: u64) {
    let Some(cost) = cost else {
        return row(&[format!("{name}: not on this machine")]);
    };
    row(&[
        format!("{}{name}", if cost.good { "" } else { "FAILED: " }),
        seconds(cost.wall),
        format!("{:.0}", rate(&cost, pieces)),
        seconds(cost.cpu),
        mib(cost.memory),
        format!("{:.1} MB", figure(cost.written) / 1e6),
        format!("{:.1} kB", figure(cost.written) / figure(pieces) / 1e3),
        if cost.requests > 0 { cost.requests.to_string() } else { String::new() },
    ]);
}

fn rate(cost: &Cost, pieces: u64) -> f64 {
    figure(pieces) / cost.wall.as_secs_f64()
}

/// Prints all rows as a table in Markdown: the program, its rivals, and what part it takes of what the better one takes.
pub(crate) fn tell_ratios(rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    say("\nwall and CPU of each; the ratios are those to the best rival\n");
    say("| | zoom2kaltura | memory | written | requests | pipes | script | wall × | CPU × | goal |");
    say("|---|---|---|---|---|---|---|---|---|---|");
    for row in rows {
        let rivals = [row.pipes, row.script];
        let best = |figure: fn(&Cost) -> f64| rivals.iter().flatten().map(figure).reduce(f64::min);
        let ratio = |figure: fn(&Cost) -> f64| {
            let best = best(figure).filter(|best| *best > 0.0);
            best.map_or_else(String::new, |best| format!("{:.2}", figure(&row.program) / best))
        };
        let written = figure(row.program.written) / 1e3;
        let written = match row.pieces {
            1 => format!("{:.1} MB", written / 1e3),
            pieces => format!("{:.1} kB each", written / figure(pieces)),
        };
        let cells = [
            row.work.clone(),
            cell(Some(row.program), row.pieces),
            mib(row.program.memory),
            written,
            row.program.requests.to_string(),
            cell(row.pipes, row.pieces),
            cell(row.script, row.pieces),
            ratio(|cost| cost.wall.as_secs_f64()),
            ratio(|cost| cost.cpu.as_secs_f64()),
            row.goal.to_owned(),
        ];
        say(&format!("| {} |", cells.join(" | ")));
    }
}

/// Wall and CPU, and how many a second where there are many.
fn cell(cost: Option<Cost>, pieces: u64) -> String {
    let Some(cost) = cost else {
        return "–".to_owned();
    };
    let rate = if pieces > 1 { format!(" ({:.0}/s)", rate(&cost, pieces)) } else { String::new() };
    let failed = if cost.good { "" } else { "FAILED: " };
    format!("{failed}{}{rate}, {}", seconds(cost.wall), seconds(cost.cpu))
}
