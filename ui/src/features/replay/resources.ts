import type { ResourceView } from "../../generated/bindings";

/** What is painted and never run, and holds nothing that a sheet could be left by. */
const PAINTED = /^data:(image|font)\/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]*$/;
const IN_A_SHEET = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^'"()\s]+))\s*\)/gi;

/** Pictures and fonts of the record, by the address that a page had them from. */
export class Resources {
  private readonly known = new Map<string, string>();
  private base = "";

  constructor(resources: ResourceView[] = []) {
    this.add(resources);
  }

  add(resources: ResourceView[]) {
    for (const { address, data } of resources) if (PAINTED.test(data)) this.known.set(address, data);
  }

  /** The page's own address, which shorter ones count from. */
  under(href: unknown) {
    this.base = String(href);
  }

  at(address: string): string | undefined {
    if (this.known.size === 0 || !URL.canParse(address, this.base)) return undefined;
    const full = new URL(address, this.base);
    full.hash = "";
    return this.known.get(full.href);
  }

  /** A sheet, or a part of one, with what is known in the place of its address. */
  inSheet(text: string): string {
    if (this.known.size === 0 || !text.includes("url(")) return text;
    return text.replace(IN_A_SHEET, (whole, double?: string, single?: string, bare?: string) => {
      const found = this.at(double ?? single ?? bare ?? "");
      return found ? `url("${found}")` : whole;
    });
  }

  /** The candidates of a `srcset` that are known. */
  inSet(text: string): string | null {
    const kept = [...text.matchAll(/\s*([^\s,]\S*[^\s,])(?:\s+([\d.]+[wxh]))?\s*(?:,|$)/g)].flatMap(([, address = "", size = ""]) => {
      const found = this.at(address);
      return found ? [`${found} ${size}`.trim()] : [];
    });
    return kept.length > 0 ? kept.join(", ") : null;
  }
}
