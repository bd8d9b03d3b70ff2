import { convertFileSrc } from "@tauri-apps/api/core";
import { commands, events, type UiError } from "../generated/bindings";
import { type Backend, Fault } from "./backend";

type Answer<T> = { status: "ok"; data: T } | { status: "error"; error: UiError };

async function take<T>(answer: Promise<Answer<T>>): Promise<T> {
  const taken = await answer;
  if (taken.status === "error") throw new Fault(taken.error);
  return taken.data;
}

async function done(answer: Promise<Answer<null>>): Promise<void> {
  await take(answer);
}

/** The engine behind the windows of the app. */
export const tauri: Backend = {
  state: () => take(commands.state()),
  join: (text) => done(commands.join(text)),
  beginSignIn: () => take(commands.beginSignIn()),
  cancelSignIn: () => done(commands.cancelSignIn()),
  openUrl: (url) => done(commands.openUrl(url)),
  beginSecondFactor: () => take(commands.beginSecondFactor()),
  confirmSecondFactor: (code) => take(commands.confirmSecondFactor(code)),
  replaceSecondFactor: (code) => take(commands.replaceSecondFactor(code)),
  makeRecoveryCodes: (code) => take(commands.makeRecoveryCodes(code)),
  resetFactor: (person, reason, code) => done(commands.resetFactor(person, reason, code)),
  enterCode: (code) => done(commands.enterCode(code)),
  signOut: () => done(commands.signOut()),
  newKey: () => done(commands.newKey()),
  organizations: () => take(commands.organizations()),
  requests: (view) => take(commands.requests(view)),
  request: (id) => take(commands.request(id)),
  signRequest: (form) => take(commands.signRequest(form)),
  withdraw: (id) => take(commands.withdraw(id)),
  approve: (id, comment, code) => take(commands.approve(id, comment, code)),
  deny: (id, comment) => take(commands.deny(id, comment)),
  enrolments: () => take(commands.enrolments()),
  enrol: (person, device, code) => done(commands.enrol(person, device, code)),
  devices: () => take(commands.devices()),
  ownDevices: () => take(commands.ownDevices()),
  policies: () => take(commands.policies()),
  policyLastMonth: (text) => take(commands.policyLastMonth(text)),
  adoptPolicy: (text, comment, code) => take(commands.adoptPolicy(text, comment, code)),
  revokeGrant: (request, reason) => take(commands.revokeGrant(request, reason)),
  revokeDevice: (device, reason, code) => take(commands.revokeDevice(device, reason, code)),
  revokePerson: (person, reason, code) => take(commands.revokePerson(person, reason, code)),
  openSession: (id, code) => take(commands.openSession(id, code)),
  askForMore: (request, seconds, code) => take(commands.askForMore(request, seconds, code)),
  endSession: (request) => done(commands.endSession(request)),
  showSession: (session) => done(commands.showSession(session)),
  moveSession: (session, to) => done(commands.moveSession(session, to)),
  doors: () => take(commands.doors()),
  sessions: (filter) => take(commands.sessions(filter)),
  countSessions: (filter) => take(commands.countSessions(filter)),
  exportSessions: (filter) => take(commands.exportSessions(filter)),
  cancelExport: () => done(commands.cancelExport()),
  session: (id) => take(commands.session(id)),
  recording: (id) => take(commands.recording(id)),
  watchSession: (id) => take(commands.watchSession(id)),
  watched: (id) => take(commands.watched(id)),
  stopWatching: (id) => done(commands.stopWatching(id)),
  runningSessions: (organization, person) => take(commands.runningSessions(organization, person)),
  endSessions: (sessions, reason, code) => take(commands.endSessions(sessions, reason, code)),
  review: (id, verdict, note) => done(commands.review(id, verdict, note)),
  reveals: () => take(commands.reveals()),
  proposeReveal: (session, marks, justification, code) => take(commands.proposeReveal(session, marks, justification, code)),
  countersignReveal: (id, code) => take(commands.countersignReveal(id, code)),
  readMarks: (id) => take(commands.readMarks(id)),
  entries: (before) => take(commands.entries(before)),
  checkLog: () => take(commands.checkLog()),
  makeEvidence: (session) => take(commands.makeEvidence(session)),
  fitBar: (height) => done(commands.fitBar(height)),
  putAway: () => done(commands.putAway()),
  closeWindow: () => done(commands.closeSessionWindow()),
  setTheme: (theme) => done(commands.setTheme(theme)),
  notifications: () => take(commands.notifications()),
  setNotifications: (wanted) => done(commands.setNotifications(wanted)),
  quit: () => done(commands.quit()),
  stay: () => done(commands.stay()),
  asked(hear) {
    const heard = events.asked.listen((event) => hear(event.payload));
    return () => void heard.then((stop) => stop());
  },
  listen(hear) {
    const heard = events.noticed.listen((event) => hear(event.payload));
    return () => void heard.then((stop) => stop());
  },
  playerAddress: () => convertFileSrc("player.html", "replay"),
};
