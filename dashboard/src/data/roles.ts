import { t } from "@lingui/core/macro";
import type { Role } from "./organisations";

/** What roles in an organisation are called. */
export const ROLE_NAMES: Record<Role, string> = {
  owner: t`Owner`,
  admin: t`Admin`,
  billing: t`Billing`,
  member: t`Member`,
  viewer: t`Viewer`,
};

/** What each may do, from the most to the least, in a line. */
export const ROLE_WORDS: Record<Role, string> = {
  owner: t`Everything, also other owners, and ending the organisation`,
  admin: t`Everything but owners, and ending the organisation`,
  billing: t`Pays and sees everybody's usage; makes no keys`,
  member: t`Makes keys of their own, and sees what those used`,
  viewer: t`Sees keys, usage and money; changes nothing`,
};

/** Those whose keys may ask models. Whoever takes another loses the keys that do. */
export const SPENDING: readonly Role[] = ["owner", "admin", "member"];

export const ROLES = Object.keys(ROLE_NAMES) as Role[];
