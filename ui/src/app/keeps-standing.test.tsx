import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { Fault } from "../backend/backend";
import { away } from "../backend/fake/world";
import { Checkpoints } from "../features/log/Checkpoints";
import { Events } from "../features/replay/Events";
import { RequestList } from "../features/replay/RequestList";
import type { Moment } from "../features/replay/timeline";
import type { ExchangeView } from "../generated/bindings";
import { Boundary } from "../parts/Boundary";
import { tell } from "./story";

const exchange = (number: number): ExchangeView => ({
  number,
  atMs: number,
  method: "GET",
  path: `/o/delmar/${number}`,
  status: 200,
  bodyBytes: 1,
  tookMs: 1,
  write: false,
  refused: "",
  cut: "",
  contentType: "text/html",
  body: null,
  requestBody: null,
  socketMessages: 0,
});

test("a part that throws leaves what is around it, says what failed, and goes on elsewhere", async () => {
  const quiet = vi.spyOn(console, "error").mockImplementation(() => {});
  function Breaks(): never {
    throw new RangeError("too many arguments");
  }
  function Around() {
    const [at, go] = useState("replay");
    return (
      <>
        <button type="button" onClick={() => go("access")}>
          Elsewhere
        </button>
        <Boundary at={at}>{at === "replay" ? <Breaks /> : <p>Here</p>}</Boundary>
      </>
    );
  }
  render(<Around />);
  expect(screen.getByTestId("page-failed").textContent).toContain("RangeError: too many arguments");
  screen.getByRole("button", { name: "Copy details" });
  screen.getByRole("button", { name: "Try again" });
  screen.getByRole("button", { name: "Go to Access" });
  fireEvent.click(screen.getByText("Elsewhere"));
  screen.getByText("Here");
  quiet.mockRestore();
});

test("a recording that breaks its page can still be flagged, and the shell stays", async () => {
  const quiet = vi.spyOn(console, "error").mockImplementation(() => {});
  const backend = tell("replay");
  const whole = await backend.recording("S-90398");
  vi.spyOn(backend, "recording").mockResolvedValue({ ...whole, pages: [{ page: "p", atMs: 0, events: 1, json: "not JSON" }] });
  await screen.findByTestId("page-failed");
  screen.getByTestId("flag");
  screen.getByTestId("nav-access");
  quiet.mockRestore();
});

test("a list of any length draws two hundred rows around the place it is at", () => {
  const exchanges = Array.from({ length: 200_000 }, (_, number) => exchange(number));
  const { container } = render(<RequestList exchanges={exchanges} atMs={100_000} picked={null} onPick={() => {}} />);
  expect(container.querySelectorAll("tr")).toHaveLength(200);
  screen.getByTestId("request-100000");
  fireEvent.click(screen.getByTestId("rows-later"));
  screen.getByTestId("request-100150");
  expect(container.querySelectorAll("tr")).toHaveLength(200);
  fireEvent.click(screen.getByTestId("rows-earlier"));
  screen.getByTestId("request-99950");
});

test("the events of a long recording are drawn in stretches, too, and found over all of it", () => {
  const moments: Moment[] = Array.from({ length: 50_000 }, (_, at) => ({
    key: `x${at}`,
    atMs: at,
    kind: "viewed",
    title: `Opened ${at}`,
    detail: "",
    exchange: at,
  }));
  const { container } = render(<Events moments={moments} exchanges={[]} atMs={0} onSeek={() => {}} />);
  expect(container.querySelectorAll(".ev")).toHaveLength(200);
  fireEvent.change(screen.getByPlaceholderText("Find in events"), { target: { value: "Opened 49999" } });
  expect(container.querySelectorAll(".ev")).toHaveLength(1);
});

test("a recording that only failed to load can be tried again, and nobody signs that they looked", async () => {
  const backend = tell("replay");
  const load = vi.spyOn(backend, "recording").mockRejectedValueOnce(new Fault(away));
  fireEvent.click(await screen.findByRole("button", { name: "Try again" }));
  await waitFor(() => expect(load).toHaveBeenCalledTimes(2));
  await screen.findByTestId("mark-reviewed");
});

test("a recording that did not come offers no review", async () => {
  const backend = tell("replay");
  vi.spyOn(backend, "recording").mockRejectedValue(new Fault(away));
  await screen.findByRole("button", { name: "Try again" });
  expect(screen.queryByTestId("mark-reviewed")).toBeNull();
  expect(screen.queryByTestId("flag")).toBeNull();
});

test("a review that does not check out is not one", async () => {
  const backend = tell("replay");
  const whole = await backend.session("S-90398");
  const review = { name: "Eve", at: 1, verdict: "nothing-to-report", note: "", check: "does-not-match" as const };
  vi.spyOn(backend, "session").mockResolvedValue({
    ...whole,
    reviews: [review],
    session: { ...whole.session, review: "nothing-to-report" },
  });
  await screen.findByTestId("mark-reviewed");
  expect(screen.queryByTestId("review-state")).toBeNull();
});

test("only the oldest of all Checkpoints that are kept is called that", () => {
  const checkpoints = Array.from({ length: 12 }, (_, at) => ({ size: 100 - at, at: 1000 - at, root: "", words: ["a", "b", "c", "d"] }));
  const { rerender } = render(<Checkpoints checkpoints={checkpoints} />);
  screen.getByTestId("row-93");
  expect(screen.queryByTestId("row-92")).toBeNull();
  expect(screen.queryByText("the oldest kept here")).toBeNull();
  rerender(<Checkpoints checkpoints={checkpoints} all />);
  screen.getByText("the oldest kept here");
});
