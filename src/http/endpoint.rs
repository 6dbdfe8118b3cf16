//! Endpoints of commands: what a definition declares is mounted, and asks the same pipeline.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::{QueryRejection, RawPathParamsRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, RawPathParams, Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, Method as HttpMethod};
use axum::response::Response;
use axum::routing::{MethodFilter, on};

use super::body::OptionalJson;
use super::credentials::Credentials;
use super::execute::respond;
use super::preferences::Preferences;
use crate::access::Asked;
use crate::app::App;
use crate::command::{Endpoint, Form, Method, Registry};
use crate::error::{Code, Error, Result};
use crate::pipeline::{self, Call};

/// Adds what the definitions declare. A form answers the same whichever way it is asked.
pub fn mount(router: Router<Arc<App>>, registry: &Registry) -> Router<Arc<App>> {
    endpoints(registry).fold(router, |router, (form, endpoint)| {
        let form = Arc::clone(form);
        let handler = move |State(app), request| answer(app, Arc::clone(&form), request);
        router.route(endpoint.path, on(filter(endpoint.method), handler))
    })
}

/// Every form that has an endpoint of its own.
pub fn endpoints(registry: &Registry) -> impl Iterator<Item = (&Arc<Form>, Endpoint)> {
    registry.entries().iter().flat_map(|entry| entry.forms()).filter_map(|form| Some((form, form.endpoint?)))
}

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Delete => MethodFilter::DELETE,
    }
}

async fn answer(app: Arc<App>, form: Arc<Form>, request: Request) -> Result<Response> {
    let received = app.clock.instant();
    let (mut parts, body) = request.into_parts();
    let path = RawPathParams::from_request_parts(&mut parts, &app).await.map_err(unreadable_path)?;
    let Query(query) =
        Query::<Vec<(String, String)>>::from_request_parts(&mut parts, &app).await.map_err(unreadable)?;
    let Ok(credentials) = Credentials::from_request_parts(&mut parts, &app).await;
    let Preferences { respond_async, idempotency_key } = Preferences::from_request_parts(&mut parts, &app).await?;
    // A body has no meaning in a GET (RFC 9110, section 9.3.1).
    let body = match parts.method {
        HttpMethod::GET | HttpMethod::HEAD => None,
        _ => OptionalJson::from_request(Request::from_parts(parts, body), &app).await?.0,
    };
    let Asked { authorization, line, peer } = credentials.read()?;
    let words = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).chain(query).collect();
    let call = Call::Endpoint { form, words, line, body };
    let request = pipeline::Request { call, authorization, peer, idempotency_key, respond_async, received };
    let mut response = respond(pipeline::execute(&app, request).await?);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

fn unreadable_path(rejection: RawPathParamsRejection) -> Error {
    Error::new(Code::MalformedRequest, "The path is not readable.")
        .with_hint("What stands in it is percent-encoded UTF-8.")
        .caused_by(rejection)
}

fn unreadable(rejection: QueryRejection) -> Error {
    Error::new(Code::MalformedRequest, "The query is not readable.")
        .with_hint("Its names are arguments of the command: ?name=value, in percent-encoded UTF-8.")
        .caused_by(rejection)
}
