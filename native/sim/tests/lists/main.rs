//! Order lists by example, and the promise that siblings never fill more than one of them asked for.
mod amends;
mod exits;
mod gathering;
mod legs;
mod pairs;
mod promise;
