import { act, render, screen } from "@testing-library/react";
import { Suspense } from "react";
import { expect, test, vi } from "vitest";
import { Boundary } from "./Boundary";
import { later } from "./later";

const Hello = ({ name }: { name: string }) => <p>Hello {name}</p>;
const shown = (Page: (props: { name: string }) => React.JSX.Element, at = "here") => (
  <Boundary at={at}>
    <Suspense fallback={<p>coming</p>}>
      <Page name="Mara" />
    </Suspense>
  </Boundary>
);

test("what has come is shown at once, and is fetched once", async () => {
  const from = vi.fn(async () => Hello);
  const Page = later(from);
  await Page.load();
  await Page.load();
  render(shown(Page));
  expect(screen.getByText("Hello Mara")).toBeTruthy();
  expect(from).toHaveBeenCalledTimes(1);
});

test("what has not come yet is waited for", async () => {
  const Page = later(async () => Hello);
  await act(async () => void render(shown(Page)));
  expect(await screen.findByText("Hello Mara")).toBeTruthy();
});

test("code that does not come is said, and asked for again", async () => {
  const quiet = vi.spyOn(console, "error").mockImplementation(() => {});
  let broken = true;
  const Page = later(async () => {
    if (broken) throw new Error("not there");
    return Hello;
  });
  let page!: ReturnType<typeof render>;
  await act(async () => void (page = render(shown(Page))));
  expect((await screen.findByTestId("fault")).textContent).toContain("not there");
  broken = false;
  await act(async () => page.rerender(shown(Page, "elsewhere")));
  expect(await screen.findByText("Hello Mara")).toBeTruthy();
  quiet.mockRestore();
});
