/** What days are chosen with: styles, and the names of days and months in other languages than English. */
import "@mantine/dates/styles.css";
import "dayjs/locale/de";
