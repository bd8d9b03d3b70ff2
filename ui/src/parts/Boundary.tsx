import { Component, type ReactNode } from "react";
import type { UiError } from "../generated/bindings";
import { Button } from "./Button";
import { FaultNote } from "./FaultNote";
import { go } from "./route";
import { words } from "./words";

interface Props {
  /** Where the person is; going elsewhere tries again. */
  at: string;
  /** What stands around the note; the note alone without it. */
  around?: (note: ReactNode) => ReactNode;
  /** The whole window: there is no other page to go to. */
  whole?: boolean;
  children: ReactNode;
}

/** Keeps what is around a part alive when the part throws, says what failed, and offers a way on. */
export class Boundary extends Component<Props, { fault: UiError | null }> {
  override state = { fault: null as UiError | null };

  static getDerivedStateFromError(thrown: unknown) {
    const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return { fault: { code: "page", message: words.fault.page(what.slice(0, 300)), next: words.fault.pageNext } };
  }

  override componentDidUpdate(before: Props) {
    if (this.state.fault && before.at !== this.props.at) this.setState({ fault: null });
  }

  override render() {
    const { fault } = this.state;
    if (!fault) return this.props.children;
    const note = (
      <div className="col" data-testid="page-failed">
        <FaultNote fault={fault} again={() => this.setState({ fault: null })} />
        {this.props.whole ? null : (
          <div className="pad">
            <Button size="sm" onPress={() => go("access")}>
              {words.fault.home}
            </Button>
          </div>
        )}
      </div>
    );
    return this.props.around ? this.props.around(note) : note;
  }
}
