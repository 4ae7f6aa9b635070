import { useLocation, useNavigate } from "react-router";
import type { Organisation } from "@/data/organisations";
import { organisation } from "@/session/organisation";
import { itemOf } from "./navigation";

/** Goes to the same part of another organisation, or to its overview where one may not see that part there. */
export function useSwitch(): (to: Organisation) => void {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  return (to) => {
    const item = itemOf(pathname);
    const isOffered = item?.right === undefined || to.rights.includes(item.right);
    organisation.choose(to.is_personal ? null : to.id);
    if (!isOffered) void navigate("/");
    else if (item?.right !== undefined) void navigate(item.path); // what is below is the former one's
  };
}
