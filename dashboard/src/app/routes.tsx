import type { ComponentType } from "react";
import { createBrowserRouter, type RouteObject } from "react-router";
import { lazily } from "@/kit/lazily";
import { AdminOnly, SignedInOnly, SignedOutOnly } from "@/session/guards";
import { NotFoundPage } from "./NotFoundPage";
import { Root } from "./Root";
import { RouteFailure } from "./RouteFailure";

type PageModule = { default: ComponentType };

/** A page of its own chunk, which loads when somebody goes there. A page may take all paths below its own. */
function page(path: string, load: () => Promise<PageModule>): RouteObject {
  return { path, errorElement: <RouteFailure />, lazy: component(load) };
}

/** The router loads a component before it shows it, and keeps what came of that for good: where its file did not come,
 * that is one which tries again each time. */
function component(load: () => Promise<PageModule>) {
  return async () => ({
    Component: await load().then(
      (module) => module.default,
      () => lazily(load),
    ),
  });
}

const MAIN: RouteObject[] = [
  page("/", () => import("@/pages/overview/OverviewPage")),
  page("/start", () => import("@/pages/start/StartPage")),
  page("/models/*", () => import("@/pages/models/ModelsPage")),
  page("/chat/*", () => import("@/pages/chat/ChatPage")),
  page("/keys/*", () => import("@/pages/keys/KeysPage")),
  page("/usage/*", () => import("@/pages/usage/UsagePage")),
  page("/billing/*", () => import("@/pages/billing/BillingPage")),
  page("/organisation/*", () => import("@/pages/organisation/OrganisationPage")),
  page("/account/*", () => import("@/pages/account/AccountPage")),
];

const ADMIN: RouteObject[] = [
  page("/admin/users/*", () => import("@/pages/admin/users/UsersPage")),
  page("/admin/tenants", () => import("@/pages/admin/tenants/TenantsPage")),
  page("/admin/pricing/*", () => import("@/pages/admin/pricing/PricingPage")),
  page("/admin/upstreams/*", () => import("@/pages/admin/upstreams/UpstreamsPage")),
  page("/admin/plans/*", () => import("@/pages/admin/plans/PlansPage")),
  page("/admin/codes/*", () => import("@/pages/admin/codes/CodesPage")),
  page("/admin/payments", () => import("@/pages/admin/payments/PaymentsPage")),
  page("/admin/stats/*", () => import("@/pages/admin/stats/StatsPage")),
  page("/admin/failures", () => import("@/pages/admin/failures/FailuresPage")),
  page("/admin/setup", () => import("@/pages/admin/setup/SetupPage")),
  page("/admin/audit/*", () => import("@/pages/admin/audit/AuditPage")),
  page("/admin/jobs/*", () => import("@/pages/admin/jobs/JobsPage")),
];

export function makeRouter() {
  return createBrowserRouter([
    {
      element: <Root />,
      errorElement: <RouteFailure />,
      hydrateFallbackElement: <></>, // the first page is on its way for a moment
      children: [
        {
          element: <SignedOutOnly />,
          children: [
            page("/sign-in", () => import("@/pages/sign-in/SignInPage")),
            page("/sign-up", () => import("@/pages/sign-in/SignUpPage")),
            page("/forgot-password", () => import("@/pages/sign-in/ForgotPasswordPage")),
          ],
        },
        page("/reset-password", () => import("@/pages/sign-in/ResetPasswordPage")),
        page("/change-email", () => import("@/pages/sign-in/ChangeEmailPage")),
        page("/sign-in/callback", () => import("@/pages/sign-in/CallbackPage")),
        page("/invitation", () => import("@/pages/invitation/InvitationPage")),
        page("/verify-email", () => import("@/pages/sign-in/VerifyEmailPage")),
        {
          element: <SignedInOnly />,
          children: [
            {
              errorElement: <RouteFailure />,
              lazy: component(async () => ({ default: (await import("./Shell")).Shell })),
              children: [
                ...MAIN,
                { element: <AdminOnly />, children: ADMIN },
                { path: "*", element: <NotFoundPage /> },
              ],
            },
          ],
        },
      ],
    },
  ]);
}
