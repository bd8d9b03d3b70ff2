import { type ComponentType, createElement, use } from "react";

/** A component whose code comes when it is first shown, or before: what has come is shown at once. */
export interface Later<Props> {
  (props: Props): React.JSX.Element;
  load: () => Promise<void>;
}

/** Suspends as long as its code is on its way. When the code does not come that is thrown, and the next look asks again. */
export function later<Props extends object>(from: () => Promise<ComponentType<Props>>): Later<Props> {
  let here: ComponentType<Props> | null = null;
  let coming: Promise<void> | null = null;
  const load = () => {
    coming ??= from().then(
      (component) => {
        here = component;
      },
      (thrown) => {
        coming = null;
        throw thrown;
      },
    );
    return coming;
  };
  const Shown = (props: Props) => {
    if (!here) use(load());
    return createElement(here as ComponentType<Props>, props);
  };
  return Object.assign(Shown, { load });
}
