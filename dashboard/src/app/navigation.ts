import { t } from "@lingui/core/macro";
import {
  ActivityIcon,
  BanknoteXIcon,
  BoxesIcon,
  Building2Icon,
  CalendarClockIcon,
  ChartColumnIcon,
  CreditCardIcon,
  GaugeIcon,
  HistoryIcon,
  KeyRoundIcon,
  LayoutGridIcon,
  ListChecksIcon,
  type LucideIcon,
  MessageSquareIcon,
  ServerIcon,
  TagIcon,
  TicketIcon,
  TriangleAlertIcon,
  UsersIcon,
  UsersRoundIcon,
} from "lucide-react";
import type { Right } from "@/data/organisations";

export interface NavigationItem {
  path: string;
  label: string;
  icon: LucideIcon;
  /** What one's role in the organisation must allow for the page to be offered. */
  right?: Right;
}

export const MAIN: NavigationItem[] = [
  { path: "/", label: t`Overview`, icon: GaugeIcon },
  { path: "/chat", label: t`Chat`, icon: MessageSquareIcon, right: "keys.change" },
  { path: "/models", label: t`Models`, icon: BoxesIcon },
  { path: "/keys", label: t`Keys`, icon: KeyRoundIcon, right: "keys.read" },
  { path: "/usage", label: t`Usage`, icon: ChartColumnIcon, right: "usage.read" },
  { path: "/billing", label: t`Billing`, icon: CreditCardIcon, right: "ledger.read" },
  { path: "/organisation", label: t`Organisation`, icon: UsersRoundIcon, right: "org.read" },
];

export const ADMIN: NavigationItem[] = [
  { path: "/admin/users", label: t`Users`, icon: UsersIcon },
  { path: "/admin/tenants", label: t`Tenants`, icon: Building2Icon },
  { path: "/admin/pricing", label: t`Pricing`, icon: TagIcon },
  { path: "/admin/upstreams", label: t`Upstreams`, icon: ServerIcon },
  { path: "/admin/plans", label: t`Plans`, icon: LayoutGridIcon },
  { path: "/admin/codes", label: t`Codes`, icon: TicketIcon },
  { path: "/admin/payments", label: t`Unmatched payments`, icon: BanknoteXIcon },
  { path: "/admin/stats", label: t`System`, icon: ActivityIcon },
  { path: "/admin/failures", label: t`Errors`, icon: TriangleAlertIcon },
  { path: "/admin/audit", label: t`Audit trail`, icon: HistoryIcon },
  { path: "/admin/jobs", label: t`Jobs`, icon: CalendarClockIcon },
  { path: "/admin/setup", label: t`Setup`, icon: ListChecksIcon },
];

type Place = Omit<NavigationItem, "icon">;

/** What is led to from elsewhere. */
const BESIDE: Place[] = [{ path: "/start", label: t`Get started`, right: "keys.change" }];

/** The item of the navigation that a path belongs to, or what else is there. */
export function itemOf(path: string): Place | undefined {
  return [...MAIN, ...BESIDE, ...ADMIN].find((item) => item.path !== "/" && isWithin(path, item.path));
}

/** Whether a path is a page's own, or below it. */
export function isWithin(path: string, page: string): boolean {
  return page === "/" ? path === "/" : path === page || path.startsWith(`${page}/`);
}
