import { t } from "@lingui/core/macro";
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";
import { DECIMAL } from "@/kit/numbers";
import { language } from "@/language/language";

// Enamel green and brass, as on the box beside a tram's driver. Greys lean to the green, so that both schemes agree.
const fare: MantineColorsTuple = [
  "#e9f8f2",
  "#d3efe3",
  "#a6dfc8",
  "#76cfac",
  "#4dc094",
  "#30b484",
  "#1e9c71",
  "#0f7f5b",
  "#0a6649",
  "#064d37",
];
const brass: MantineColorsTuple = [
  "#fff8e5",
  "#fdedc4",
  "#fadf95",
  "#f7cf62",
  "#f2b632",
  "#dd9d14",
  "#b87e0a",
  "#8f6006",
  "#6f4a05",
  "#523603",
];
const gray: MantineColorsTuple = [
  "#f5f8f6",
  "#edf1ef",
  "#e1e7e4",
  "#d0d8d4",
  "#b7c2bd",
  "#8b9993",
  "#586660",
  "#435049",
  "#2e3834",
  "#19211e",
];
const dark: MantineColorsTuple = [
  "#d9e0dd",
  "#b6c1bc",
  "#94a29c",
  "#6b7a74",
  "#3b4743",
  "#2a3531",
  "#1e2825",
  "#161f1c",
  "#0f1614",
  "#0a100e",
];

export const SANS = '"Geist Variable", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
export const MONO = '"Geist Mono Variable", ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';

const OVER_THE_PAGE = {
  overlayProps: { backgroundOpacity: 0.45, blur: 2 },
  closeButtonProps: { "aria-label": t`Close` },
};

export const theme = createTheme({
  colors: { fare, brass, gray, dark },
  primaryColor: "fare",
  primaryShade: 7,
  white: "#ffffff",
  black: "#131a17",
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  fontSmoothing: true,
  headings: {
    fontFamily: SANS,
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.625rem", lineHeight: "1.2" },
      h2: { fontSize: "1.125rem", lineHeight: "1.35" },
      h3: { fontSize: "1rem", lineHeight: "1.4" },
    },
  },
  defaultRadius: "md",
  radius: { xs: "3px", sm: "5px", md: "8px", lg: "12px", xl: "20px" },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Anchor: { defaultProps: { underline: "hover" } },
    Badge: { defaultProps: { tt: "none", fw: 600 } },
    Button: { defaultProps: { fw: 550 } },
    Paper: { defaultProps: { radius: "lg" } },
    DatePickerInput: { defaultProps: { locale: language, weekendDays: [] } }, // red is for what is wrong
    NumberInput: { defaultProps: { decimalSeparator: DECIMAL } },
    Modal: { defaultProps: { ...OVER_THE_PAGE, radius: "lg", centered: true } },
    Drawer: { defaultProps: OVER_THE_PAGE },
    Tooltip: {
      defaultProps: { withArrow: true, openDelay: 150, events: { hover: true, focus: true, touch: true } },
    },
    Table: { defaultProps: { verticalSpacing: "sm", horizontalSpacing: "md" } },
    Skeleton: { defaultProps: { radius: "md" } },
  },
});

/** Where Mantine's own greys and reds are too faint to read (WCAG AA), and the colours of the page itself. */
export const cssVariables: CSSVariablesResolver = (made) => ({
  variables: {},
  light: {
    "--mantine-color-error": made.colors.red[9],
    "--mantine-color-orange-light-color": "#9a3412",
    "--mantine-color-placeholder": "#66746e",
    "--mantine-color-anchor": fare[8],
    "--farebox-ground": gray[0],
    "--farebox-line": gray[2],
  },
  dark: {
    "--mantine-color-error": made.colors.red[4],
    "--mantine-color-placeholder": dark[2],
    "--mantine-color-anchor": fare[3],
    "--mantine-color-gray-light": dark[5],
    "--mantine-color-gray-light-color": dark[0],
    "--mantine-color-fare-light": "#12352a",
    "--mantine-color-fare-light-hover": "#164235",
    "--mantine-color-fare-light-color": fare[2],
    "--farebox-ground": dark[8],
    "--farebox-line": dark[5],
  },
});
