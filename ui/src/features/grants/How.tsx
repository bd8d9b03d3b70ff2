import { words } from "../../parts/words";

/** What asking leads to, for somebody who has not asked often. */
export function How() {
  return (
    <aside className="how">
      <h2>{words.access.how}</h2>
      <ol>
        {words.access.steps.map(([title, text]) => (
          <li key={title}>
            <b className="s12">{title}</b>
            <div className="s12 t2">{text}</div>
          </li>
        ))}
      </ol>
    </aside>
  );
}
