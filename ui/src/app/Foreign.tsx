import { EyeSlashIcon } from "@phosphor-icons/react";
import { Empty } from "../parts/Empty";
import { words } from "../parts/words";

/** What a browser that is not the app shows. */
export function Foreign() {
  return <Empty icon={<EyeSlashIcon size={20} />} title={words.forbidden} note={words.forbiddenNote} />;
}
