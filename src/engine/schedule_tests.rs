use std::time::Duration;

use proptest::prelude::*;

use super::*;

const RULE: BatchRule = BatchRule { tokens: 512, padded: false };

fn schedule(rule: BatchRule, jobs: &[(u64, &[usize])]) -> Schedule {
    let mut schedule = Schedule::new(rule);
    for (id, &(flow, lengths)) in (0..).zip(jobs) {
        schedule.add(JobId(id), FlowId(flow), lengths, None);
    }
    schedule
}

/// (job, window) of every batch until nothing waits.
fn batches(schedule: &mut Schedule) -> Vec<Vec<(u64, usize)>> {
    std::iter::from_fn(|| Some(schedule.next_batch()).filter(|batch| !batch.is_empty()))
        .map(|batch| batch.iter().map(|at| (at.job.0, at.window)).collect())
        .collect()
}

/// The jobs in the order in which their last window is read.
fn finished(schedule: &mut Schedule) -> Vec<u64> {
    let mut order: Vec<u64> = batches(schedule).concat().iter().map(|&(job, _)| job).collect();
    order.reverse();
    let mut last = Vec::new();
    for job in order {
        if !last.contains(&job) {
            last.push(job);
        }
    }
    last.reverse();
    last
}

#[test]
fn windows_of_different_jobs_share_a_batch() {
    let mut schedule = schedule(RULE, &[(0, &[200]), (1, &[100]), (2, &[300])]);
    assert_eq!(batches(&mut schedule), [vec![(1, 0), (0, 0)], vec![(2, 0)]]);
}

#[test]
fn the_longest_window_of_a_job_goes_first() {
    let mut schedule = schedule(RULE, &[(0, &[100, 510, 300])]);
    assert_eq!(batches(&mut schedule), [vec![(0, 1)], vec![(0, 2), (0, 0)]]);
}

#[test]
fn padding_counts_where_there_is_any() {
    let rule = BatchRule { tokens: 512, padded: true };
    let mut schedule = schedule(rule, &[(0, &[250, 60]), (1, &[256])]);
    // 60 tokens would be padded to more than twice their number.
    assert_eq!(batches(&mut schedule), [vec![(1, 0), (0, 0)], vec![(0, 1)]]);
}

#[test]
fn a_short_job_passes_a_long_one_under_way() {
    let mut schedule = schedule(RULE, &[(0, &[510; 50])]);
    schedule.next_batch();
    schedule.add(JobId(1), FlowId(1), &[510], None);
    assert_eq!(schedule.next_batch().first().map(|at| at.job), Some(JobId(1)));
}

#[test]
fn a_single_call_passes_the_backlog_of_a_stream() {
    let stream = vec![(0, [510].as_slice()); 30];
    let mut schedule = schedule(RULE, &stream);
    schedule.next_batch();
    schedule.add(JobId(30), FlowId(1), &[510], None);
    let order = finished(&mut schedule);
    assert!(order.iter().position(|&job| job == 30) <= Some(1), "{order:?}");
}

#[test]
fn a_long_job_is_not_passed_for_ever() {
    let mut schedule = schedule(RULE, &[(0, &[510; 10])]);
    let mut served = 0;
    for id in 1..=40 {
        // One short single call after the other.
        schedule.add(JobId(id), FlowId(id), &[510], None);
        served += schedule.next_batch().iter().filter(|at| at.job == JobId(0)).count();
    }
    assert_eq!(served, 10);
}

#[test]
fn two_streams_share_evenly() {
    let mut schedule = Schedule::new(RULE);
    for id in 0..20 {
        // The first stream has its articles ready at once, the second comes with one after the other.
        schedule.add(JobId(id), FlowId(0), &[510], None);
    }
    let (mut first, mut second) = (0_usize, 0_usize);
    schedule.add(JobId(20), FlowId(1), &[510], None);
    for id in 21..40 {
        match schedule.next_batch().first() {
            Some(at) if at.job.0 < 20 => first += 1,
            _ => {
                second += 1;
                schedule.add(JobId(id), FlowId(1), &[510], None);
            }
        }
    }
    assert!(first.abs_diff(second) <= 2, "{first} {second}");
}

#[test]
fn expired_and_removed_jobs_wait_no_longer() {
    let now = Instant::now();
    let mut schedule = schedule(RULE, &[(0, &[100]), (0, &[100])]);
    schedule.add(JobId(2), FlowId(1), &[100], Some(now));
    schedule.add(JobId(3), FlowId(2), &[100], Some(now + Duration::from_secs(1)));
    schedule.remove(JobId(0));
    assert_eq!(schedule.expired(now), [JobId(2)]);
    assert_eq!(batches(&mut schedule), [[(3, 0), (1, 0)]]);
    assert!(schedule.flows.is_empty() && schedule.deadlines.is_empty());
}

proptest! {
    #[test]
    fn every_window_is_read_once_in_batches_that_fit(
        jobs in prop::collection::vec((0_u64..4, prop::collection::vec(1_usize..600, 0..6)), 0..20),
        tokens in 1_usize..2048,
        padded: bool,
    ) {
        let mut schedule = Schedule::new(BatchRule { tokens, padded });
        let mut expected = Vec::new();
        for (id, (flow, lengths)) in (0..).zip(&jobs) {
            schedule.add(JobId(id), FlowId(*flow), lengths, None);
            expected.extend((0..lengths.len()).map(|window| (id, window)));
        }
        let batches = batches(&mut schedule);
        for batch in &batches {
            let lengths = batch.iter().map(|&(job, window)| jobs[job as usize].1[window]);
            let longest = lengths.clone().max().unwrap_or(0);
            let size = if padded { batch.len() * longest } else { lengths.sum() };
            prop_assert!(batch.len() == 1 || size <= tokens);
        }
        let mut seen = batches.concat();
        seen.sort_unstable();
        prop_assert_eq!(seen, expected);
    }
}
