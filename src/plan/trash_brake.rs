//! So much at once is probably a mistake: the brake on Zoom's trash.

use super::{Plan, Step};
use crate::model::{Action, Reason};

impl Plan {
    /// Leaves everything in Zoom if more files than `most` are due for the trash, and tells why.
    #[must_use]
    pub fn with_trash_brake(mut self, most: usize) -> (Plan, Option<String>) {
        let all = || self.items.iter().flat_map(|item| &item.files).filter(|file| file.step == Step::Trash);
        let (due, bytes) = (all().count(), all().filter_map(|file| file.file.bytes).fold(0, u64::saturating_add));
        if due <= most {
            return (self, None);
        }
        for item in self.items.iter_mut().filter(|item| item.action == Action::Trash) {
            for file in item.files.iter_mut().filter(|file| file.step == Step::Trash) {
                (file.action, file.reason, file.step) = (Action::Done, Some(Reason::TrashHeldBack), Step::Nothing);
            }
            (item.action, item.reason) = (Action::Done, Some(Reason::TrashHeldBack));
        }
        let why = format!(
            "{due} recording files, {bytes} bytes, are due for Zoom's trash, zoom_trash.max_files allows {most} at once: nothing went there; look at them with sync --dry-run, then allow as many once with ZOOM2KALTURA_ZOOM_TRASH_MAX_FILES={due}"
        );
        (self, Some(why))
    }
}
