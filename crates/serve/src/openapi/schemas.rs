use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::call::Shape;

const DEFINITIONS: &str = "/components/schemas";

/// The schemas of a document, each under its type's name: as it is read in questions, as it is written in answers.
pub(super) struct Schemas {
    questions: SchemaGenerator,
    answers: SchemaGenerator,
    /// Types that are no bodies: only their fields are used.
    queries: Vec<String>,
}

impl Schemas {
    pub fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|s| {
                s.definitions_path = DEFINITIONS.into();
                s.meta_schema = None;
            })
        };
        Self {
            questions: settings().for_deserialize().into_generator(),
            answers: settings().for_serialize().into_generator(),
            queries: Vec::new(),
        }
    }

    pub fn of_question(&mut self, shape: &Shape) -> Value {
        (shape.schema)(&mut self.questions).to_value()
    }

    pub fn of_answer(&mut self, shape: &Shape) -> Value {
        (shape.schema)(&mut self.answers).to_value()
    }

    /// Name, whether it has to be there, and schema of each field of a query.
    pub fn fields(&mut self, shape: &Shape) -> Vec<(String, bool, Value)> {
        let reference = self.of_question(shape);
        let name = reference["$ref"].as_str().and_then(|r| r.rsplit('/').next()).unwrap_or_default().to_owned();
        let schema = self.questions.definitions().get(&name).cloned().unwrap_or_default();
        self.queries.push(name);
        let is_required = |name: &String| schema["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
        let fields = schema["properties"].as_object().into_iter().flatten();
        fields.map(|(name, field)| (name.clone(), is_required(name), present(field))).collect()
    }

    /// Both together. A type that reads otherwise than it is written stands there twice.
    pub fn finish(mut self) -> Map<String, Value> {
        let mut all = self.questions.take_definitions(true);
        all.retain(|name, _| !self.queries.contains(name));
        for (name, schema) in self.answers.take_definitions(true) {
            let differs = all.get(&name).is_some_and(|question| *question != schema);
            all.insert(if differs { format!("{name}-written") } else { name }, schema);
        }
        all
    }
}

/// What is left out of a query is not there; it is never `null`.
fn present(field: &Value) -> Value {
    let mut field = field.clone();
    if let Some(kinds) = field["type"].as_array().cloned() {
        let mut kinds: Vec<Value> = kinds.into_iter().filter(|kind| kind != "null").collect();
        field["type"] = if kinds.len() == 1 { kinds.remove(0) } else { kinds.into() };
    }
    if let Some(ways) = field["anyOf"].as_array().cloned() {
        let ways: Vec<Value> = ways.into_iter().filter(|way| way["type"] != "null").collect();
        if let [only] = &ways[..] {
            return only.clone();
        }
    }
    field
}
