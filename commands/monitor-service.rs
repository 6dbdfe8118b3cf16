//! `/monitor-service`: watches this process and its machine until it is cancelled or the server stops. The command to copy
//! when yours is a service: it runs once at a time, ends cleanly, and exports what it sees at `/metrics`.

use nexus::command::prelude::*;

/// Watch the server: its processor, memory and load, as progress and at /metrics.
#[derive(Deserialize, JsonSchema)]
pub struct MonitorService {
    /// Seconds from one sample to the next.
    #[serde(default = "five")]
    interval: Int<1, 3600>,
    /// How many samples to take; none for as long as it may.
    samples: Option<Int<1, 1_000_000>>,
    #[serde(skip)]
    machine: Option<sysinfo::System>,
}

fn five() -> Int<1, 3600> {
    const { Int::new(5) }
}

/// Shares of the processor are in per cent of one core.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Sample {
    process_cpu_percent: f64,
    process_memory_bytes: u64,
    host_cpu_percent: f64,
    host_memory_used_bytes: u64,
    host_memory_total_bytes: u64,
    /// Processes that want to run, on average over a minute.
    host_load: f64,
}

#[derive(Serialize, JsonSchema)]
pub struct Watched {
    /// How many samples were taken.
    samples: u64,
    /// The last of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Sample>,
}

impl Command for MonitorService {
    type Output = Watched;

    const DEFINITION: Definition = Definition {
        examples: &[Example("/monitor-service --samples 1 --interval 1", "Watched: 1 sample.")],
        requires_signature: true,
        requires_role: Some(Role::Admin),
        renderer: Some("chart"),
        ..Definition::service("monitor-service")
    };

    async fn init(&mut self, _context: &Context) -> Result<()> {
        let machine = tokio::task::spawn_blocking(sysinfo::System::new).await.map_err(Error::internal)?;
        self.machine = Some(machine.map_err(Error::internal)?);
        // What a processor does is known from the second look on.
        self.look().await.map(drop)
    }

    async fn run(&mut self, context: &Context) -> Result<Reply<Watched>> {
        let (mut taken, mut last) = (0, None);
        let wanted = self.samples.map(|samples| samples.get().unsigned_abs());
        let interval = std::time::Duration::from_secs(self.interval.get().unsigned_abs());
        while wanted.is_none_or(|wanted| taken < wanted) {
            tokio::select! {
                () = tokio::time::sleep(interval) => {}
                () = context.cancelled() => break,
                () = context.draining() => break,
            }
            let sample = self.look().await?;
            taken += 1;
            export(context, &sample);
            let message = format!(
                "processor {:.0} %, memory {} MiB; machine {:.0} %, load {:.2}",
                sample.process_cpu_percent,
                sample.process_memory_bytes >> 20,
                sample.host_cpu_percent,
                sample.host_load,
            );
            let progress = Progress { total: wanted, ..Progress::new(taken) };
            context.progress(progress.in_units(noun(wanted.unwrap_or(taken))).with_message(message).with_data(&sample)?);
            last = Some(sample);
        }
        Ok(Reply::new(format!("Watched: {taken} {}.", noun(taken)), Watched { samples: taken, last }))
    }
}

impl MonitorService {
    /// Reads what the system says of itself, which are files.
    async fn look(&mut self) -> Result<Sample> {
        let mut machine = self.machine.take().ok_or_else(|| Error::internal("the last look has failed"))?;
        let look = move || {
            let pid = sysinfo::get_current_pid().map_err(Error::internal)?;
            machine.refresh_cpu_usage();
            machine.refresh_memory();
            machine.refresh_processes_specifics(
                sysinfo::ProcessesToUpdate::Some(&[pid]),
                true,
                sysinfo::ProcessRefreshKind::nothing().with_cpu().with_memory(),
            );
            let process = machine.process(pid).ok_or_else(|| Error::internal("this process is not listed"))?;
            let sample = Sample {
                process_cpu_percent: process.cpu_usage().into(),
                process_memory_bytes: process.memory(),
                host_cpu_percent: machine.global_cpu_usage().into(),
                host_memory_used_bytes: machine.used_memory(),
                host_memory_total_bytes: machine.total_memory(),
                host_load: sysinfo::System::load_average().map_or(0.0, |load| load.one),
            };
            Ok::<_, Error>((machine, sample))
        };
        let (machine, sample) = tokio::task::spawn_blocking(look).await.map_err(Error::internal)??;
        self.machine = Some(machine);
        Ok(sample)
    }
}

const fn noun(count: u64) -> &'static str {
    if count == 1 { "sample" } else { "samples" }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
fn export(context: &Context, sample: &Sample) {
    for (name, help, value) in [
        ("nexus_process_cpu_percent", "Share of the processor, in per cent of a core", sample.process_cpu_percent),
        ("nexus_process_memory_bytes", "Resident memory of the server", sample.process_memory_bytes as f64),
        ("nexus_host_cpu_percent", "Share of all processors of the machine", sample.host_cpu_percent),
        ("nexus_host_memory_used_bytes", "Memory of the machine in use", sample.host_memory_used_bytes as f64),
        ("nexus_host_memory_total_bytes", "Memory of the machine", sample.host_memory_total_bytes as f64),
        ("nexus_host_load", "Processes that want to run, on average over a minute", sample.host_load),
    ] {
        context.gauge(name, help, value);
    }
}

register!(MonitorService);
