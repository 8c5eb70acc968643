//! The pool works, is bounded, and one of its threads always advances.

use super::*;

fn pool(threads: usize, queue: usize) -> PasswordPool {
    PasswordPool::start(PoolSize { threads, queue }).unwrap()
}

fn job() -> (Job, oneshot::Receiver<bool>) {
    let (reply, answer) = oneshot::channel();
    (Job::Verify { password: Secret::new("x"), hash: "".into(), reply }, answer)
}

#[tokio::test]
async fn it_hashes_and_verifies() {
    let pool = pool(2, 4);
    let hash = pool.hash(Secret::new("1234567890")).await.unwrap();
    assert!(pool.verify(Secret::new("1234567890"), hash.as_str()).await.unwrap());
    assert!(!pool.verify(Secret::new("123456789"), hash.as_str()).await.unwrap());
    pool.verify_nobody(Secret::new("1234567890")).await.unwrap();
}

#[tokio::test]
async fn all_of_a_burst_is_answered() {
    let pool = pool(3, 64);
    let hash: Arc<str> = pool.hash(Secret::new("1234567890")).await.unwrap().into();
    for _ in 0..2 {
        let burst = (0..12).map(|_| pool.verify(Secret::new("1234567890"), Arc::clone(&hash)));
        let results = futures_util::future::join_all(burst).await;
        assert!(results.iter().all(|fits| matches!(fits, Ok(true))));
    }
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_recovers() {
    let pool = pool(1, 2);
    let tries: Vec<_> = (0..16).map(|_| pool.hash(Secret::new("1234567890"))).collect();
    let results = futures_util::future::join_all(tries).await;
    let refused: Vec<_> = results.iter().filter_map(|r| r.as_ref().err()).collect();
    assert!(results.iter().any(Result::is_ok));
    assert!(refused.len() >= 8, "one at work and two that wait: {}", refused.len());
    assert!(refused.iter().all(|e| e.kind() == Kind::TooMany { retry_after_secs: 1 }));
    pool.hash(Secret::new("1234567890")).await.unwrap();
}

#[test]
fn a_patient_thread_leaves_the_only_job_to_a_free_steady_one() {
    let mut waiting = Waiting::default();
    assert!(waiting.take(Temper::Steady).is_none());
    waiting.jobs.push_back(job().0);
    assert!(waiting.take(Temper::Patient).is_none(), "the steady one is free");
    assert!(waiting.take(Temper::Steady).is_some());
    waiting.jobs.push_back(job().0);
    assert!(waiting.take(Temper::Patient).is_some(), "the steady one is busy");
    assert!(waiting.take(Temper::Steady).is_none(), "now it is free again");
    waiting.jobs.extend([job().0, job().0]);
    assert!(waiting.take(Temper::Patient).is_some(), "one for each");
    assert!(waiting.take(Temper::Patient).is_none());
}

#[test]
fn the_threads_end_with_the_pool_and_take_nothing_along() {
    let queue = Arc::new(Queue::new(8));
    let idle: Vec<_> = [Temper::Steady, Temper::Patient]
        .map(|temper| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || while queue.next(temper).is_some() {})
        })
        .into();
    Handle { queue: Arc::clone(&queue), passes: Arc::default(), threads: 2 };
    for thread in idle {
        thread.join().unwrap();
    }
    assert!(queue.push(job().0));
    queue.close();
    assert!(queue.next(Temper::Steady).is_none(), "what waited was dropped");
}

#[tokio::test]
async fn a_job_nobody_waits_for_is_not_done() {
    let (job, answer) = job();
    drop(answer);
    job.run(&mut Scratch::default());
}

#[cfg(target_os = "linux")]
#[test]
fn a_thread_that_steps_back_leaves_the_others_where_they_were() {
    let nice = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
    let before = nice();
    let inside = thread::spawn(move || {
        step_back(LAST);
        nice()
    });
    assert_eq!(inside.join().unwrap(), 19);
    assert_eq!(nice(), before);
}
