import { ArrowRightIcon, MagnifyingGlassIcon, PaletteIcon, SignatureIcon } from "@phosphor-icons/react";
import type { ReactNode } from "react";
import {
  Autocomplete,
  Dialog,
  Header,
  Input,
  Menu,
  MenuItem,
  MenuSection,
  Modal,
  ModalOverlay,
  SearchField,
  useFilter,
} from "react-aria-components";
import { useBackend, useLoaded } from "../../backend/context";
import { go } from "../../parts/route";
import { words } from "../../parts/words";
import type { Backend } from "../../backend/backend";
import type { Theme } from "../../generated/bindings";
import { showTheme } from "./theme";

function act(key: string, backend: Backend) {
  if (key.startsWith("go:")) go(key.slice(3));
  if (!key.startsWith("theme:")) return;
  const theme = key.slice(6) as Theme;
  showTheme(theme);
  // It is used even where it cannot be kept.
  void backend.setTheme(theme).catch(() => {});
}

function Option({ id, icon, children }: { id: string; icon: ReactNode; children: string }) {
  return (
    <MenuItem id={id} textValue={children} className="opt" data-testid={`palette-${id}`}>
      {icon}
      <span className="ell">{children}</span>
    </MenuItem>
  );
}

function Options({ approves }: { approves: boolean }) {
  const backend = useBackend();
  const organizations = useLoaded(() => backend.organizations(), "organizations");
  const pages: [string, string][] = [
    ["access", words.nav.access],
    ...(approves ? [["approvals", words.nav.approvals] as [string, string]] : []),
    ["sessions", words.nav.sessions],
    ["policy", words.nav.policy],
    ["log", words.nav.log],
  ];
  return (
    <>
      <MenuSection aria-label={words.palette.request}>
        <Header className="grp">{words.palette.request}</Header>
        {(organizations.value ?? []).map((one) => (
          <Option key={one.id} id={`go:request?organization=${one.id}`} icon={<SignatureIcon size={16} />}>
            {words.palette.requestTo(one.name)}
          </Option>
        ))}
      </MenuSection>
      <MenuSection aria-label={words.palette.commands}>
        <Header className="grp">{words.palette.commands}</Header>
        {pages.map(([page, name]) => (
          <Option key={page} id={`go:${page}`} icon={<ArrowRightIcon size={16} />}>
            {words.palette.goTo(name)}
          </Option>
        ))}
        {(["light", "dark", "system"] as const).map((theme) => (
          <Option key={theme} id={`theme:${theme}`} icon={<PaletteIcon size={16} />}>
            {words.palette.theme[theme]}
          </Option>
        ))}
      </MenuSection>
    </>
  );
}

/** Find or do. Nothing that destroys runs from here. */
export function Palette({ open, onClose, approves }: { open: boolean; onClose: () => void; approves: boolean }) {
  const backend = useBackend();
  const { contains } = useFilter({ sensitivity: "base" });
  return (
    <ModalOverlay isOpen={open} onOpenChange={(is) => !is && onClose()} isDismissable className="scrim">
      <Modal className="palette">
        <Dialog aria-label={words.palette.label}>
          <Autocomplete filter={contains}>
            <SearchField aria-label={words.palette.label} autoFocus className="top">
              <MagnifyingGlassIcon size={16} />
              <Input data-testid="palette-input" />
              <kbd>Esc</kbd>
            </SearchField>
            <Menu
              className="list"
              aria-label={words.palette.label}
              onAction={(key) => {
                act(String(key), backend);
                onClose();
              }}
              renderEmptyState={() => <div className="opt t3">{words.palette.none}</div>}
            >
              <Options approves={approves} />
            </Menu>
          </Autocomplete>
          <div className="foot s11 t3">
            <span>
              <kbd>↑</kbd> <kbd>↓</kbd> {words.palette.move}
            </span>
            <span>
              <kbd>Enter</kbd> {words.palette.act}
            </span>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
