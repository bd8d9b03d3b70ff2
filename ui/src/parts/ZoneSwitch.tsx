import { prefer, usePreferences, zones } from "./preferences";
import { Segments } from "./Segments";
import { words } from "./words";

const say = words.time;

/** This computer's time or UTC, on the pages that can be read in both; what is copied or saved stays as it is. */
export function ZoneSwitch() {
  const { zone } = usePreferences();
  const choices = zones.map((one) => [one, say.zones[one]] as const);
  return <Segments label={say.zone} value={zone} choices={choices} onChange={(next) => prefer({ zone: next })} testid="zone" small />;
}
