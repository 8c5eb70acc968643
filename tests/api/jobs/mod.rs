//! What runs by itself: crons and the queue of jobs.

mod crons;
mod queue;
