import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";
import { forgetKept } from "./parts/kept";

/** A machine that does other things at the same time is slow, not wrong. */
configure({ asyncUtilTimeout: 20_000 });

afterEach(() => {
  cleanup();
  window.localStorage.clear();
  forgetKept();
});

/** The width of the pictures; what changes below it is tested where it says so. */
beforeEach(() => void Object.assign(window, { innerWidth: 1280 }));

Element.prototype.scrollIntoView ??= () => {};
