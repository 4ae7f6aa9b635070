import type { Role } from "./organisations";

/** What roles in an organisation are called. */
export const ROLE_NAMES: Record<Role, string> = {
  owner: "Owner",
  admin: "Admin",
  billing: "Billing",
  member: "Member",
  viewer: "Viewer",
};

/** What each may do, from the most to the least, in a line. */
export const ROLE_WORDS: Record<Role, string> = {
  owner: "Everything, also other owners, and ending the organisation",
  admin: "Everything but owners, and ending the organisation",
  billing: "Pays and sees everybody's usage; makes no keys",
  member: "Makes keys of their own, and sees what those used",
  viewer: "Sees keys, usage and money; changes nothing",
};

export const ROLES = Object.keys(ROLE_NAMES) as Role[];
