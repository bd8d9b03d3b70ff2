import { createContext, useContext, useEffect, useState } from "react";

/** Milliseconds to add to this computer's clock to get the server's. */
export const ClockOffset = createContext(0);

/** The server's time in Unix seconds, told anew every `everyMs`. */
export function useServerSeconds(everyMs = 1000): number {
  const offset = useContext(ClockOffset);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return (now + offset) / 1000;
}
