import type { Page } from "../chromium";
import type { Driven } from "./drive";
import { click, follow, patiently, press, scroll, type } from "./hand";
import { hardPages } from "./hard";

export interface Use {
  page: Page;
  plan: Driven;
  /** As long as a person takes for nothing. */
  pause: () => Promise<unknown>;
  /** Takes a picture of the page as it is now. */
  mark: (name: string) => Promise<void>;
}

export interface Application {
  /** What somebody does in it. */
  steps: (use: Use) => Promise<void>;
  /** True in a page that shows what it is for. */
  ready: string;
  /** The page whose loads are measured. */
  loaded: (start: string) => string;
  /** Where a load takes many seconds, fewer tell as much. */
  mostLoads?: number;
}

const payroll: Application = {
  ready: "document.querySelector('main h1')",
  loaded: (start) => start.replace("overview", "people"),
  async steps({ page, pause, mark }) {
    await patiently(page, "document.querySelectorAll('#live li').length > 2", "the live feed");
    await mark("overview");
    await pause();
    await mark("overview a little later");
    await follow(page, "nav a[href$='/people']");
    await mark("people");
    await scroll(page, 400);
    await mark("people scrolled");
    await follow(page, "main table a");
    await mark("a person");
    await click(page, "input:not([type=hidden])");
    await type(page, "GB29");
    await mark("a field filled");
    await follow(page, "nav a[href$='/payslips']");
    await mark("payslips");
    await follow(page, "nav a[href$='/settings/status']");
    await mark("status");
  },
};

const marimo: Application = {
  mostLoads: 5,
  ready: "document.querySelectorAll('.cm-content').length > 1",
  loaded: (start) => start,
  async steps({ page, pause, mark }) {
    await patiently(page, "document.querySelectorAll('.cm-content').length > 1", "the cells");
    await mark("notebook opened");
    await click(page, "button.flex[data-testid='run-button']");
    await patiently(page, "document.querySelector('.output-area table, marimo-table')", "what the cells show");
    await pause();
    await mark("cells run");
    await scroll(page, 500);
    await mark("scrolled");
    await click(page, ".cm-content");
    await press(page, "End", 2);
    await type(page, "\n# a note for later");
    await mark("typed in a cell");
    await press(page, "Escape");
    await click(page, "[data-testid='notebook-menu-dropdown']");
    await mark("menu open");
  },
};

const tiddlywiki: Application = {
  ready: "document.querySelector('.tc-tiddler-frame')",
  loaded: (start) => start,
  async steps({ page, mark }) {
    await patiently(page, "document.querySelector('.tc-tiddler-frame')", "the wiki");
    await mark("start");
    await click(page, ".tc-sidebar-lists .tc-tab-buttons button:nth-child(4)");
    await mark("a tab of the side bar");
    await click(page, ".tc-page-controls button[title='Create a new tiddler']");
    await mark("a new entry");
    await press(page, "Tab");
    await type(page, "A note about the October payroll.");
    await mark("typed");
    await click(page, ".tc-page-controls button[title='Open control panel']");
    await mark("control panel");
    await scroll(page, 300);
    await mark("scrolled");
  },
};

const hard: Application = { ready: "document.body", loaded: (start) => start, steps: hardPages };

export const applications: Record<string, Application> = { payroll, marimo, tiddlywiki, hard };
