import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { Tally, tallyOf } from "./Tally";

test.each([
  ["waiting", "Waiting for second signature"],
  ["approved", "Countersigned"],
  ["open", "Countersigned"],
  ["denied", "Denied"],
  ["expired", "Expired"],
  ["withdrawn", "Expired"],
  ["ended", "Ended"],
  ["unheard-of", "Not signed"],
])("a request that is %s is drawn as %s", (state, name) => {
  render(<Tally state={tallyOf(state)} />);
  expect(screen.getByRole("img", { name })).toBeTruthy();
});

test("no two states look alike", () => {
  const drawn = (["unsigned", "waiting", "countersigned", "denied", "expired", "ended"] as const).map(
    (state) => render(<Tally state={state} label={false} />).container.innerHTML,
  );
  expect(new Set(drawn).size).toBe(6);
});
