//! `/history`: what you have run, and how it went.

use nexus::command::prelude::*;

/// Show what you have run, the newest first.
#[derive(Deserialize, JsonSchema)]
pub struct History {
    /// Only this command, such as `identity`, or this subcommand, such as `identity/delete`.
    command: Option<Text<1, 100>>,
    /// Only runs with this outcome.
    status: Option<Outcome>,
    /// Only runs that began at this time (RFC 3339) or later.
    since: Option<Text<1, 40>>,
    /// How many runs to show at most.
    #[serde(default = "twenty")]
    limit: Int<1, 100>,
    /// Count the runs by command instead of listing them.
    #[serde(default)]
    stats: bool,
    /// Report what failed and what was slow instead of listing the runs.
    #[serde(default)]
    analyze: bool,
    /// How the message is written.
    #[serde(default)]
    format: Format,
}

fn twenty() -> Int<1, 100> {
    const { Int::new(20) }
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Pending,
    Success,
    Error,
}

#[derive(Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// What of this was asked for.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// The runs, the newest first.
    Runs(Vec<Row>),
    /// How often each command ran that has ended, and how long it took.
    Stats(Vec<Stats>),
    /// What is worth a look.
    Analysis(Analysis),
}

#[derive(Serialize, JsonSchema)]
pub struct Row {
    run_id: String,
    /// The text as it was sent.
    command: String,
    status: &'static str,
    /// The code of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// RFC 3339.
    created_at: String,
    /// How long it took; not there while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<i64>,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Clone, Serialize, JsonSchema)]
pub struct Stats {
    command: String,
    runs: u64,
    errors: u64,
    mean_ms: u64,
    longest_ms: u64,
}

#[derive(Serialize, JsonSchema)]
pub struct Analysis {
    /// How many runs have ended.
    runs: u64,
    /// What failed, the most frequent first.
    failures: Vec<Failure>,
    /// Commands that took a second or more on average, or ten times their mean once; the slowest first.
    slow: Vec<Stats>,
}

#[derive(Serialize, JsonSchema)]
pub struct Failure {
    command: String,
    code: &'static str,
    times: u64,
    /// Of all runs of the command.
    percent: u64,
}

impl Command for History {
    type Output = Report;

    const DEFINITION: Definition = Definition {
        examples: &[
            Example("/history --limit 5", "…"),
            Example("/history --command echo --status error", "No runs."),
            Example("/history --since 2026-01-01T00:00:00Z --stats", "…"),
            Example("/history --analyze --format json", "{\"analysis\":{\"runs\":…"),
        ],
        requires_identity: true,
        renderer: Some("table"),
        ..Definition::rest("history")
    };

    async fn run(&mut self, context: &Context) -> Result<Reply<Report>> {
        let wanted = self.wanted(context)?;
        let report = match (self.stats, self.analyze) {
            (true, true) => {
                return Err(Error::failed("`stats` and `analyze` are two different reports.").with_hint("Ask for one."));
            }
            (true, false) => Report::Stats(stats(&context.tallies(wanted).await?)),
            (false, true) => Report::Analysis(analyze(&context.tallies(wanted).await?)),
            (false, false) => {
                let limit = usize::try_from(self.limit.get()).map_err(Error::internal)?;
                Report::Runs(context.runs(wanted, limit).await?.runs.iter().map(row).collect())
            }
        };
        let message = match self.format {
            Format::Text => report.to_text(),
            Format::Json => serde_json::to_string(&report).map_err(Error::internal)?,
        };
        Ok(Reply::new(message, report))
    }
}

impl History {
    fn wanted(&self, context: &Context) -> Result<Wanted> {
        let since = self.since.as_ref().map(|since| since.parse()).transpose().map_err(|_| {
            Error::new(Code::InvalidArguments, "`since` is no time.").with_hint("Write it as 2026-01-31T12:00:00Z.")
        })?;
        let status = self.status.map(|status| match status {
            Outcome::Pending => Status::Pending,
            Outcome::Success => Status::Success,
            Outcome::Error => Status::Error,
        });
        let command = self.command.as_ref().map(|command| context.canonical(command));
        Ok(Wanted { before: None, command, status, since })
    }
}

fn row(run: &Run) -> Row {
    let message = |result: &Data| -> Option<String> {
        let result: serde_json::Value = serde_json::from_str(result.get()).ok()?;
        result.get("message")?.as_str().map(str::to_owned)
    };
    Row {
        run_id: run.id.to_string(),
        command: run.text.clone(),
        status: run.status.as_str(),
        code: run.code.map(Code::as_str),
        created_at: format!("{:.3}", run.created_at),
        duration_ms: run.finished_at.map(|end| end.as_millisecond() - run.created_at.as_millisecond()),
        message: run.result.as_ref().and_then(message),
    }
}

fn stats(tallies: &[Tally]) -> Vec<Stats> {
    let mut all: Vec<(Stats, u64)> = Vec::new();
    for tally in tallies {
        if all.last().is_none_or(|(last, _)| last.command != tally.path) {
            let stats = Stats { command: tally.path.clone(), runs: 0, errors: 0, mean_ms: 0, longest_ms: 0 };
            all.push((stats, 0));
        }
        if let Some((stats, total)) = all.last_mut() {
            *total += tally.total_ms;
            stats.runs += tally.count;
            stats.errors += if tally.status == Status::Error { tally.count } else { 0 };
            stats.mean_ms = *total / stats.runs.max(1);
            stats.longest_ms = stats.longest_ms.max(tally.longest_ms);
        }
    }
    all.into_iter().map(|(stats, _)| stats).collect()
}

fn analyze(tallies: &[Tally]) -> Analysis {
    let stats = stats(tallies);
    let runs_of = |path: &str| stats.iter().find(|stats| stats.command == path).map_or(1, |stats| stats.runs.max(1));
    let failed = tallies.iter().filter(|tally| tally.status == Status::Error);
    let mut failures: Vec<_> = failed
        .map(|tally| Failure {
            command: tally.path.clone(),
            code: tally.code.map_or("unknown", Code::as_str),
            times: tally.count,
            percent: tally.count * 100 / runs_of(&tally.path),
        })
        .collect();
    failures.sort_by_key(|failure| std::cmp::Reverse(failure.times));
    let is_slow =
        |stats: &&Stats| stats.mean_ms >= 1000 || (stats.longest_ms >= 1000 && stats.longest_ms >= 10 * stats.mean_ms);
    let mut slow: Vec<_> = stats.iter().filter(is_slow).cloned().collect();
    slow.sort_by_key(|stats| std::cmp::Reverse(stats.longest_ms));
    Analysis { runs: stats.iter().map(|stats| stats.runs).sum(), failures, slow }
}

impl Report {
    fn to_text(&self) -> String {
        match self {
            Self::Runs(rows) if rows.is_empty() => "No runs.".to_owned(),
            Self::Runs(rows) => lines(rows.iter().map(|row| {
                let outcome = row.code.unwrap_or(row.status);
                let took = row.duration_ms.map_or_else(|| "…".to_owned(), |ms| format!("{ms} ms"));
                format!("{}  {outcome}  {took}  {}", row.created_at, row.command)
            })),
            Self::Stats(all) if all.is_empty() => "No runs have ended.".to_owned(),
            Self::Stats(all) => lines(all.iter().map(Stats::to_text)),
            Self::Analysis(analysis) => {
                let failures = analysis.failures.iter().map(|failure| {
                    let Failure { command, code, times, percent } = failure;
                    format!("{command} failed {} with {code} ({percent} %)", counted(*times, "time"))
                });
                let slow = analysis.slow.iter().map(|stats| format!("slow: {}", stats.to_text()));
                let found: Vec<_> = failures.chain(slow).collect();
                match found.as_slice() {
                    [] => format!("Nothing failed and nothing was slow in {}.", counted(analysis.runs, "run")),
                    _ => lines(found.into_iter()),
                }
            }
        }
    }
}

impl Stats {
    fn to_text(&self) -> String {
        let Self { command, runs, errors, mean_ms, longest_ms } = self;
        let (runs, errors) = (counted(*runs, "run"), counted(*errors, "error"));
        format!("{command}  {runs}  {errors}  {mean_ms} ms on average  {longest_ms} ms at most")
    }
}

fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

register!(History);
