//! Values of proptest that several tests take.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

/// Any JSON; its leaves are often such as these, and members often have these names.
pub fn any_json(leaves: BoxedStrategy<Value>, names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        leaves.clone(),
        leaves.clone(),
        leaves,
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        let names = prop_oneof![select(names).prop_map(str::to_owned), ".{0,6}"];
        let object = vec((names, inner.clone()), 0..8).prop_map(|members| members.into_iter().collect::<Map<_, _>>());
        prop_oneof![vec(inner, 0..5).prop_map(Value::from), object.prop_map(Value::from)]
    })
}
