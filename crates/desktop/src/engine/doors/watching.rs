use std::sync::Arc;

use client::{CallError, GatewayClient};
use wire::gateway::SessionStatus;

use super::EVERY;
use crate::engine::Inner;
use crate::show::seconds;
use crate::view::{DoorView, EndedForView, Link, Notice, UiError};

/// A gateway that says nothing for so many looks has lost the Session: five minutes, as long as a recording may pause.
const SILENT_LOOKS: u32 = 300;
/// A gateway that does not hear of the end is told so often: less than whoever asked for it waits.
const END_LOOKS: u32 = 10;

/// Faults that pass by themselves while the parts come back.
pub(super) const WAITS: [&str; 5] =
    ["unreachable", "audit-unreachable", "gateway-not-ready", "provider-unreachable", "broker-unreachable"];

impl Inner {
    /// Asks the gateway each second how the Session is doing, until it is over.
    pub(super) async fn look_after(self: Arc<Self>, request: String, gateway: GatewayClient) {
        let mut silent = 0;
        while silent < SILENT_LOOKS {
            tokio::time::sleep(EVERY).await;
            if self.live().doors.get(&request).is_none_or(|d| !d.view.ended_by.is_empty()) {
                return;
            }
            if self.profile.end_is_asked(&request) {
                return self.end_as_asked(&request, &gateway).await;
            }
            match gateway.status().await {
                Ok(status) if status.open => {
                    silent = 0;
                    self.live().links.gateway = Link::Connected;
                    self.note(&request, &status);
                    self.hand_over(&request).await;
                }
                Ok(status) => {
                    self.note_ender(&request, &status);
                    return self.ended(&request, status.ended_by.as_deref().unwrap_or("ended"));
                }
                Err(error) => {
                    silent += 1;
                    self.pause(&request);
                    if let Some(reason) = self.lost(&request, &error).await {
                        return self.ended(&request, reason);
                    }
                }
            }
        }
        self.ended(&request, "gateway-stopped");
    }

    /// Another process of the profile asked for the end. Nothing passes here from now on; a gateway that is away, or was
    /// restarted and has to know the Session again first, is told as soon as it listens, while whoever asked waits.
    async fn end_as_asked(&self, request: &str, gateway: &GatewayClient) {
        let door = self.live().doors.get_mut(request).and_then(|open| open.door.take());
        if let Some(door) = door {
            door.close();
        }
        for _ in 0..END_LOOKS {
            let Err(error) = gateway.end().await else { break };
            tracing::warn!(%error, "the gateway did not hear of the end");
            if self.lost(request, &error).await.is_some() {
                break;
            }
            tokio::time::sleep(EVERY).await;
        }
        self.ended(request, "ended-by-requester");
    }

    /// The gateway answers no more as it did: it is away, or was restarted and does not know this connection. Then the
    /// Session is resumed, as far as the last code allows. Gives the reason when nothing is left to wait for.
    async fn lost(&self, request: &str, error: &CallError) -> Option<&'static str> {
        if error.is_unreachable() {
            self.live().links.gateway = Link::Unreachable;
            return None;
        }
        if error.code() != Some("no-session") {
            return None;
        }
        match self.resume(request).await {
            Ok(()) => None,
            Err(UiError { code, .. }) if WAITS.contains(&code.as_str()) => None,
            Err(UiError { code, .. }) if code == "session-over" || code == "already-taken" => Some("ended"),
            Err(refused) => {
                tracing::warn!(code = refused.code, "the session could not be resumed");
                Some("connection-lost")
            }
        }
    }

    fn note(&self, request: &str, status: &SessionStatus) {
        self.change_door(request, |view| {
            view.recording_lag_ms = status.recording_lag;
            view.paused = status.paused;
            view.ends_at = seconds(status.ends_at);
            view.watchers.clone_from(&status.watchers);
        });
    }

    /// Behind who ended it, the window says why.
    fn note_ender(&self, request: &str, status: &SessionStatus) {
        let ended_for =
            status.ended_for.as_ref().map(|by| EndedForView { name: by.name.clone(), reason: by.reason.clone() });
        self.change_door(request, |view| {
            view.watchers = Vec::new();
            view.ended_for = ended_for;
        });
    }

    fn pause(&self, request: &str) {
        self.change_door(request, |view| view.paused = true);
    }

    /// The Session is over: the door closes, whatever else happens.
    pub(super) fn ended(&self, request: &str, reason: &str) {
        if let Some(open) = self.live().doors.get_mut(request)
            && let Some(door) = open.door.take()
        {
            door.close();
        }
        if let Err(error) = self.profile.unmark_door(request) {
            tracing::warn!(code = error.code, "a door's mark stays");
        }
        if let Some(open) = self.live().doors.get_mut(request) {
            open.hold = None;
        }
        self.change_door(request, |view| {
            if view.ended_by.is_empty() {
                reason.clone_into(&mut view.ended_by);
            }
        });
        self.tell(Notice::Requests { id: request.to_owned(), text: String::new() });
        self.tell(Notice::State);
    }

    pub(super) fn change_door(&self, request: &str, change: impl FnOnce(&mut DoorView)) {
        let mut live = self.live();
        let Some(open) = live.doors.get_mut(request) else { return };
        let before = open.view.clone();
        change(&mut open.view);
        let changed = open.view != before;
        let session = open.view.session.clone();
        drop(live);
        if changed {
            self.tell(Notice::Door { session });
        }
    }
}
