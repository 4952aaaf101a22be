#!/usr/bin/python3 -s
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The site in headless Chromium: narrow and wide, light and dark, by keyboard, without a network."""

import importlib.util
import json
import shutil
import sys

import site_support
from support import MACHINE, CommandTest, main

WIDTHS = (1280, 375)
SCHEMES = ("light", "dark")
# Text whose contrast with what lies behind it is below 4.5 (WCAG 2, level AA). Charts stand on white;
# heat maps put figures on coloured cells, whose contrast test_charts.py checks.
CONTRAST = r"""
const parse = (text) => {
	const parts = text.match(/[\d.]+/g).map(Number);
	return parts.length < 4 ? [...parts, 1] : parts;
};
const over = (top, bottom) => top.slice(0, 3).map((value, i) => value * top[3] + bottom[i] * (1 - top[3]));
const light = (colour) => {
	const linear = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
	const [r, g, b] = colour.map((v) => linear(v / 255));
	return .2126 * r + .7152 * g + .0722 * b;
};
const behind = (element) => {
	const layers = [];
	for (let each = element; each; each = each.parentElement)
		layers.push(parse(getComputedStyle(each).backgroundColor));
	const canvas = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
	return layers.reverse().reduce((ground, layer) => over(layer, ground), canvas);
};
const found = [];
let seen = 0;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
	const element = walker.currentNode.parentElement;
	const text = walker.currentNode.textContent.trim();
	if (!text || !element.checkVisibility() || element.closest("title,desc,script"))
		continue;
	const inside = element.closest("svg");
	if (inside && inside.querySelector("title").textContent.match(/against|machines$/))
		continue;
	const ground = behind(element);
	const style = getComputedStyle(element);
	const colour = over(parse(inside ? style.fill : style.color), ground);
	const lights = [light(colour), light(ground)].sort((a, b) => b - a);
	const ratio = (lights[0] + .05) / (lights[1] + .05);
	seen++;
	if (ratio < 4.5)
		found.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)} (${style.color} on ${ground})`);
}
return [seen, found];
"""


def start():
    """A headless Chromium with its logs on."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)


class BrowserTest(CommandTest):
    """The site as people see it; one site and one browser serve all tests"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = site_support.build(cls.addClassCleanup) / "site"
        cls.browser = start()
        cls.addClassCleanup(cls.browser.quit)

    def look(self, page, width=1280, scheme="light"):
        """Open a page."""
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500})
        self.browser.get((self.site / page).as_uri())

    def script(self, text, *arguments):
        """What a script returns."""
        return self.browser.execute_script(text, *arguments)

    def everywhere(self):
        """(width, scheme, what to call it) of all pages in all looks, opened."""
        for path in sorted(self.site.rglob("*.html")):
            for width in WIDTHS:
                for scheme in SCHEMES:
                    page = path.relative_to(self.site)
                    self.look(page, width, scheme)
                    yield width, scheme, f"{page}, {width} pixels, {scheme}"

    def press(self, *keys):
        """Press keys, wherever the focus is."""
        from selenium.webdriver import ActionChains

        chain = ActionChains(self.browser)
        for key in keys:
            chain.send_keys(key)
        chain.perform()

    def test_no_page_is_wider_than_the_window(self):
        for width, _, here in self.everywhere():
            self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), width, here)

    def test_contrast(self):
        for _, scheme, here in self.everywhere():
            seen, found = self.script(CONTRAST)
            self.assertEqual(found, [], here)
            self.assertGreater(seen, 10, here)
            dark = self.script("return getComputedStyle(document.body).backgroundColor") != \
                "rgb(255, 255, 255)"
            self.assertEqual(dark, scheme == "dark", here)

    def test_no_errors_and_no_network(self):
        self.browser.get_log("browser")
        self.browser.get_log("performance")
        for _ in self.everywhere():
            pass
        self.assertEqual([entry["message"] for entry in self.browser.get_log("browser")], [])
        asked = [message["params"]["request"]["url"] for message in
                 (json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance"))
                 if message["method"] == "Network.requestWillBeSent"]
        self.assertGreater(len(asked), 20)
        self.assertEqual([url for url in asked if not url.startswith(("file://", "data:"))], [])

    def cells(self, table, column):
        """The sorted-by values of a column."""
        return self.script(
            "return [...document.querySelectorAll(arguments[0] + ' tbody tr')].map((row) =>"
            "row.cells[arguments[1]].dataset.value ?? row.cells[arguments[1]].textContent.trim())",
            table, column)

    def test_tables_sort(self):
        self.look(f"machines/{MACHINE}-cases.html")
        column = 4
        button = self.browser.find_elements("css selector", "#cases thead button")[column]
        header = "return document.querySelectorAll('#cases thead th')[arguments[0]].ariaSort"
        before = list(map(float, self.cells("#cases", column)))
        self.assertNotEqual(before, sorted(before))
        button.click()
        self.assertEqual(list(map(float, self.cells("#cases", column))), sorted(before))
        self.assertEqual(self.script(header, column), "ascending")
        button.click()
        self.assertEqual(list(map(float, self.cells("#cases", column))), sorted(before, reverse=True))
        self.assertEqual(self.script(header, column), "descending")

    def test_tables_sort_by_keyboard(self):
        from selenium.webdriver.common.keys import Keys

        self.look(f"machines/{MACHINE}-cases.html")
        self.script("document.querySelectorAll('#cases thead button')[1].focus()")
        self.press(Keys.ENTER, Keys.ENTER)
        operations = self.cells("#cases", 1)
        self.assertEqual(operations, sorted(operations, reverse=True))
        self.assertEqual(set(operations), {"map", "unmap"})

    def test_rows_filter(self):
        self.look(f"machines/{MACHINE}-cases.html")
        self.browser.find_element("css selector", "input[data-filter]").send_keys("armv8_4k_s1 unmap")
        shown = self.script("return [...document.querySelectorAll('#cases tbody tr')]"
                            ".filter((row) => row.checkVisibility()).map((row) => row.textContent)")
        self.assertEqual(len(shown), 4)
        self.assertTrue(all("armv8_4k_s1" in row and "unmap" in row for row in shown))
        output = self.browser.find_element("css selector", ".filter output").text
        self.assertEqual(output, "4 of 16 rows")

    def test_points_speak(self):
        from selenium.webdriver import ActionChains

        self.look("formats/amdv1.html")
        point = self.browser.find_element("css selector", ".chart .point use")
        self.script("arguments[0].scrollIntoView({block: 'center'})", point)
        ActionChains(self.browser).move_to_element(point).perform()
        said = self.browser.find_element("id", "said")
        self.assertTrue(said.is_displayed())
        self.assertRegex(said.text, r"^amdv1/\w+/\w+/x\d+/coherent/warm, \w+: ")
        box = said.rect
        self.assertGreaterEqual(box["x"], 0)
        self.assertLessEqual(box["x"] + box["width"], 1280)

    def test_skip_link_comes_first(self):
        from selenium.webdriver.common.keys import Keys

        self.look("index.html")
        self.press(Keys.TAB)
        self.assertEqual(self.script("return document.activeElement.className"), "skip")
        self.assertGreaterEqual(self.browser.switch_to.active_element.rect["x"], 0)
        self.press(Keys.ENTER)
        self.assertEqual(self.script("return document.activeElement.id"), "content")

    def test_every_focus_is_named(self):
        for page in ("index.html", f"machines/{MACHINE}.html", "formats/amdv1.html"):
            self.look(page)
            unnamed = self.script(
                "return [...document.querySelectorAll('a, button, summary, input, [tabindex=\"0\"]')]"
                ".filter((each) => !(each.textContent.trim() || each.ariaLabel || each.labels?.length))"
                ".map((each) => each.outerHTML)")
            self.assertEqual(unnamed, [])

    def test_every_table_has_a_caption(self):
        for page in ("index.html", f"machines/{MACHINE}.html", "formats/amdv1.html"):
            self.look(page)
            self.assertGreater(self.script("return document.querySelectorAll('table').length"), 0)
            self.assertEqual(self.script("return [...document.querySelectorAll('table')]"
                                         ".filter((each) => !each.caption?.textContent.trim()).length"), 0)

    def test_works_without_scripts(self):
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            self.look(f"machines/{MACHINE}-cases.html")
            self.assertIn("coherent/warm", self.browser.find_element("id", "cases").text)
            self.assertFalse(self.browser.find_element("css selector", ".filter").is_displayed())
        finally:
            self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


if __name__ == "__main__":
    missing = [name for name in ("gnuplot", "chromium", "chromedriver") if not shutil.which(name)]
    missing += [name for name in ("selenium", "markdown") if not importlib.util.find_spec(name)]
    if missing:
        print(f"skipped: {', '.join(missing)} missing")
        sys.exit(77)
    main()
