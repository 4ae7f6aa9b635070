import {
  ActivityIcon,
  Building2Icon,
  CalendarClockIcon,
  ChartColumnIcon,
  CreditCardIcon,
  GaugeIcon,
  HistoryIcon,
  KeyRoundIcon,
  LayoutGridIcon,
  type LucideIcon,
  MessageSquareIcon,
  ServerIcon,
  TagIcon,
  TicketIcon,
  UsersIcon,
} from "lucide-react";

export interface NavigationItem {
  path: string;
  label: string;
  icon: LucideIcon;
}

export const MAIN: NavigationItem[] = [
  { path: "/", label: "Overview", icon: GaugeIcon },
  { path: "/chat", label: "Chat", icon: MessageSquareIcon },
  { path: "/keys", label: "Keys", icon: KeyRoundIcon },
  { path: "/usage", label: "Usage", icon: ChartColumnIcon },
  { path: "/billing", label: "Billing", icon: CreditCardIcon },
];

export const ADMIN: NavigationItem[] = [
  { path: "/admin/users", label: "Users", icon: UsersIcon },
  { path: "/admin/tenants", label: "Tenants", icon: Building2Icon },
  { path: "/admin/pricing", label: "Pricing", icon: TagIcon },
  { path: "/admin/upstreams", label: "Upstreams", icon: ServerIcon },
  { path: "/admin/plans", label: "Plans", icon: LayoutGridIcon },
  { path: "/admin/codes", label: "Codes", icon: TicketIcon },
  { path: "/admin/stats", label: "System", icon: ActivityIcon },
  { path: "/admin/audit", label: "Audit trail", icon: HistoryIcon },
  { path: "/admin/jobs", label: "Jobs", icon: CalendarClockIcon },
];
