use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::{OrgId, Scope};
use http_body_util::BodyExt as _;
use wire::ASSERTION_HEADER;

use crate::admission::Distrust;
use crate::certificate::HOST;
use crate::router::Service;
use crate::{flash, html};

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; \
     connect-src 'self' wss://payroll.test; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Lets a request through only with an assertion that the service verified itself, for the Organization in its path.
/// The handlers behind it take the Organization from the [`Admission`] in the request's extensions.
pub async fn guard(State(service): State<Arc<Service>>, mut request: Request, next: Next) -> Response {
    let admitted = match Asked::read(&request) {
        Ok(Asked { assertion, organization, scope }) => {
            service.source.admit(&assertion, organization.as_ref(), scope).await
        }
        Err(distrust) => Err(distrust),
    };
    let admission = match admitted {
        Ok(admission) => admission,
        Err(distrust) => return refuse(&service, &request, &distrust),
    };
    let is_write = !matches!(*request.method(), Method::GET | Method::HEAD);
    let is_shared = organization_of(request.uri().path()).is_none();
    let is_new_browser = flash::browser(request.headers()).is_none();
    request.extensions_mut().insert(admission.clone());
    let mut response = next.run(request).await;
    if !is_shared {
        service.served.request(&admission.organization, is_write);
        response = counted(response, &service, admission.organization);
        if is_new_browser && let Some(cookie) = flash::new_cookie() {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    with_headers(response, is_shared)
}

/// What a request says about itself, read before anything is asked of anybody.
struct Asked {
    assertion: String,
    organization: Option<OrgId>,
    scope: Scope,
}

impl Asked {
    fn read(request: &Request) -> Result<Self, Distrust> {
        let mut assertions = request.headers().get_all(ASSERTION_HEADER).iter();
        let (Some(assertion), None) = (assertions.next(), assertions.next()) else { return Err(Distrust::NoAssertion) };
        let assertion = assertion.to_str().map_err(|_| Distrust::Malformed)?.to_owned();
        let path = request.uri().path();
        let organization = organization_of(path).map(str::parse::<OrgId>).transpose();
        let organization = organization.map_err(|_| Distrust::OtherOrganization)?;
        let others = organization.as_ref().is_some_and(|id| names_another(request, id));
        if others || !is_from_our_pages(request) {
            return Err(Distrust::OtherOrganization);
        }
        Ok(Self { assertion, organization, scope: needed(request.method(), path) })
    }
}

fn organization_of(path: &str) -> Option<&str> {
    path.strip_prefix("/o/")?.split('/').next()
}

/// The narrowest Scope that reaches this.
fn needed(method: &Method, path: &str) -> Scope {
    let rest = path.strip_prefix("/o/").and_then(|p| p.split_once('/')).map_or("", |(_, rest)| rest);
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    match rest {
        _ if is_read && organization_of(path).is_none() => Scope::Diagnostics,
        "" | "overview" | "live" | "settings/status" | "api/status" if is_read => Scope::Diagnostics,
        _ if rest == "settings" || rest.starts_with("settings/") => Scope::Administer,
        _ if is_read => Scope::Read,
        _ => Scope::ReadWrite,
    }
}

/// The other places where a client may name an Organization must agree with the path.
fn names_another(request: &Request, organization: &OrgId) -> bool {
    let of_header =
        request.headers().get_all("x-organization").iter().any(|v| v.as_bytes() != organization.as_str().as_bytes());
    let query = request.uri().query().unwrap_or_default();
    let of_query = url::form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| matches!(&*name, "organization" | "org") && value != organization.as_str());
    of_header || of_query
}

fn is_from_our_pages(request: &Request) -> bool {
    request.headers().get(header::ORIGIN).is_none_or(|origin| origin.as_bytes() == format!("https://{HOST}").as_bytes())
}

fn refuse(service: &Service, request: &Request, distrust: &Distrust) -> Response {
    service.served.refused();
    tracing::warn!(method = %request.method(), path = request.uri().path(), reason = %distrust, "not let in");
    with_headers((StatusCode::FORBIDDEN, html::refusal(distrust)).into_response(), false)
}

fn counted(response: Response, service: &Arc<Service>, organization: OrgId) -> Response {
    let served = Arc::clone(&service.served);
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            if let Some(data) = frame.data_ref() {
                served.bytes(&organization, data.len());
            }
            frame
        }))
    })
}

fn with_headers(mut response: Response, is_shared: bool) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let cache = if is_shared { "private, max-age=300" } else { "no-store" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_relevant_data_needs_read() {
        let cases = [
            ("GET", "/o/delmar-foods/", Scope::Diagnostics),
            ("GET", "/o/delmar-foods/overview", Scope::Diagnostics),
            ("GET", "/o/delmar-foods/settings/status", Scope::Diagnostics),
            ("POST", "/o/delmar-foods/overview", Scope::ReadWrite),
            ("GET", "/o/delmar-foods/people", Scope::Read),
            ("GET", "/o/delmar-foods/exports/payslips.csv", Scope::Read),
            ("POST", "/o/delmar-foods/payslips/generate", Scope::ReadWrite),
            ("GET", "/o/delmar-foods/settings", Scope::Administer),
            ("POST", "/o/delmar-foods/settings", Scope::Administer),
            ("GET", "/o/delmar-foods/anything", Scope::Read),
            ("GET", "/assets/kestrel.css", Scope::Diagnostics),
            ("POST", "/assets/kestrel.css", Scope::ReadWrite),
        ];
        for (method, path, scope) in cases {
            assert_eq!(needed(&method.parse().unwrap(), path), scope, "{method} {path}");
        }
    }

    #[test]
    fn another_organization_in_a_header_or_a_parameter_is_noticed() {
        let organization: OrgId = "delmar-foods".parse().unwrap();
        let asked = |uri: &str, header: Option<&str>| {
            let mut request = Request::builder().uri(uri);
            if let Some(value) = header {
                request = request.header("x-organization", value);
            }
            names_another(&request.body(Body::empty()).unwrap(), &organization)
        };
        assert!(!asked("/o/delmar-foods/people?page=2", Some("delmar-foods")));
        assert!(asked("/o/delmar-foods/people", Some("kinloch-hotels")));
        assert!(asked("/o/delmar-foods/people?organization=kinloch-hotels", None));
        assert!(asked("/o/delmar-foods/people?page=1&org=kinloch%2Dhotels", None));
    }
}
