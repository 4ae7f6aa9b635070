import {
  IconActivityHeartbeat,
  IconChartBar,
  IconClockPlay,
  IconCreditCard,
  IconGauge,
  IconHistory,
  IconKey,
  IconLayoutGrid,
  IconMessage,
  IconServer2,
  IconTag,
  IconTicket,
  IconUsers,
  type TablerIcon,
} from "@tabler/icons-react";

export interface NavigationItem {
  path: string;
  label: string;
  icon: TablerIcon;
}

export const MAIN: NavigationItem[] = [
  { path: "/", label: "Overview", icon: IconGauge },
  { path: "/chat", label: "Chat", icon: IconMessage },
  { path: "/keys", label: "Keys", icon: IconKey },
  { path: "/usage", label: "Usage", icon: IconChartBar },
  { path: "/billing", label: "Billing", icon: IconCreditCard },
];

export const ADMIN: NavigationItem[] = [
  { path: "/admin/users", label: "Users", icon: IconUsers },
  { path: "/admin/pricing", label: "Pricing", icon: IconTag },
  { path: "/admin/upstreams", label: "Upstreams", icon: IconServer2 },
  { path: "/admin/plans", label: "Plans", icon: IconLayoutGrid },
  { path: "/admin/codes", label: "Codes", icon: IconTicket },
  { path: "/admin/stats", label: "System", icon: IconActivityHeartbeat },
  { path: "/admin/audit", label: "Audit trail", icon: IconHistory },
  { path: "/admin/jobs", label: "Jobs", icon: IconClockPlay },
];
