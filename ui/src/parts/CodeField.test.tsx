import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { CodeField } from "./CodeField";

function Held({ onEnter, wrong }: { onEnter?: () => void; wrong?: string }) {
  const [code, setCode] = useState("");
  return <CodeField value={code} onChange={setCode} onEnter={onEnter} wrong={wrong} />;
}

const field = () => screen.getByLabelText<HTMLInputElement>("Your 6-digit code");

test("is one real field that a password manager fills", () => {
  render(<Held />);
  expect(field().inputMode).toBe("numeric");
  expect(field().autocomplete).toBe("one-time-code");
  expect(document.querySelectorAll("input")).toHaveLength(1);
  expect(document.querySelectorAll(".otp i")).toHaveLength(6);
});

test("takes digits only, and a paste with a space in it", async () => {
  const user = userEvent.setup();
  render(<Held />);
  await user.type(field(), "4a1-9");
  expect(field().value).toBe("419");
  await user.clear(field());
  await user.click(field());
  await user.paste("419 877 1");
  expect(field().value).toBe("419877");
});

test("the sixth digit does not submit; Enter does, and only with six", async () => {
  const user = userEvent.setup();
  const entered = vi.fn();
  render(<Held onEnter={entered} />);
  await user.type(field(), "41987{Enter}");
  expect(entered).not.toHaveBeenCalled();
  await user.type(field(), "7");
  expect(entered).not.toHaveBeenCalled();
  await user.keyboard("{Enter}");
  expect(entered).toHaveBeenCalledTimes(1);
});

test("a wrong code is said at the field", () => {
  render(<Held wrong="Not right. 4 tries left." />);
  expect(field().getAttribute("aria-invalid")).toBe("true");
  expect(document.getElementById(field().getAttribute("aria-describedby") ?? "")?.textContent).toBe("Not right. 4 tries left.");
});
