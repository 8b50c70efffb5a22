// Package browser tests the console as people have it: served by the embedded engine
// and looked at in a headless Chromium, with axe-core as the judge of what somebody
// who can't see, or has no mouse, would stumble over. It has nothing but tests, and
// nothing imports it.
//
// The tests need Chromium and axe-core; "make browser" sees to both.
package browser
