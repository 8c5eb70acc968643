//! What a caller may not read tells nothing: two servers that differ in nothing but hidden values
//! give the same bytes to the same questions.

mod asks;
mod world;

use crate::support::{Dice, TestApp};
use asks::Ask;
use world::{Round, World};

/// Each seed plays some rounds: rules, hidden fields and values are drawn anew in each.
const ROUNDS: usize = 5;
/// Questions of a round. With the five seeds below there are 5,000 of them.
const ASKS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hidden_values_change_no_answer() {
    let (a, b) = tokio::join!(TestApp::spawn(), TestApp::spawn());
    let (a, b) = tokio::join!(World::build(&a), World::build(&b));
    let mut told = 0;
    let mut number = 0;
    for seed in Dice::seeds([1, 2, 3, 4]) {
        println!("GREENROOM_SEED={seed}");
        let mut dice = Dice::new(seed);
        for at in 0..ROUNDS {
            let round = Round::draw(&mut dice);
            tokio::join!(a.play(&round, 0), b.play(&round, 1));
            assert!(!round.is_same(), "round {at} hides nothing");
            for _ in 0..ASKS {
                number += 1;
                let ask = Ask::draw(&mut dice, number);
                let (one, other) = tokio::join!(a.ask(&ask), b.ask(&ask));
                let is_told =
                    one.status == 200 && one.body.windows(5).any(|text| text == b"\"id\":");
                told += usize::from(is_told);
                assert!(one.status < 500, "{ask:?}\n{one:?}");
                let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
                assert_eq!(
                    (one.status, &one.headers, text(&one.body)),
                    (other.status, &other.headers, text(&other.body)),
                    "seed {seed}, round {at}: {ask:?}\n{round:#?}"
                );
            }
        }
    }
    // The rules must not refuse everything.
    assert!(told * 5 > number, "only {told} of {number} questions told anything");
}
