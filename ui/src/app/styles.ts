// All of it before the first picture, and always in this order: which rule wins does not hang on the page that came first.
import "../theme/theme.css";

import.meta.glob(["../parts/*.css", "../features/*/*.css", "!**/bar.css", "!**/player.css"], { eager: true });
