import { usePreferences } from "./preferences";
import "./shortcuts.css";
import { words } from "./words";

/** All keys, by where they act. Those that are turned off are not shown. */
export function Shortcuts() {
  const { singleKeys } = usePreferences();
  const { groups } = words.shortcuts;
  return (
    <div className="shortcuts" data-testid="shortcuts">
      {groups.map(({ title, keys }) => {
        const shown = keys.filter((one) => singleKeys || !one.single);
        if (shown.length === 0) return null;
        return (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {shown.map(({ press, does }) => (
                <div key={press + does}>
                  <dt>
                    {press.split(" ").map((key, at) => (
                      <kbd key={at}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
    </div>
  );
}
